#pragma once

#include <string>
#include <string_view>

namespace vdm::proxy {

/// Foreign text for a report: at most 256 bytes, on one line, and whatever might
/// be a key or a token taken out. Pure.
std::string redacted(std::string_view text);

}  // namespace vdm::proxy
