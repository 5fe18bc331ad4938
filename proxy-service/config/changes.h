#pragma once

#include <string>
#include <vector>

#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// What differs between two configurations, as the names of settings and tables in
/// the file: "timeouts.connect", "[openai] api-key", "aliases.fast". Never a value, since it
/// may be a secret. In the order of the README's tables; empty when nothing does. Pure.
std::vector<std::string> changes(const Config& before, const Config& after);

}  // namespace vdm::proxy
