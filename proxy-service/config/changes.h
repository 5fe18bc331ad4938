#pragma once

#include <string>
#include <vector>

#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// Names the settings and tables of the file in which two configurations differ:
/// "timeouts.connect", "[openai] api-key", "aliases.fast". It never gives a value, which may be a
/// secret. In the order of the README's tables; empty when nothing differs. Pure.
std::vector<std::string> changes(const Config& before, const Config& after);

}  // namespace vdm::proxy
