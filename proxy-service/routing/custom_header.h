#pragma once

#include <string_view>

namespace vdm::proxy {

/// Which headers the configuration may set for a provider. Pure.

bool is_header_name(std::string_view name);
/// Visible ASCII, blanks and tabs.
bool is_header_value(std::string_view text);
/// Whether the proxy writes this header itself, or it frames a message. `name`: in lower case.
bool is_reserved_header(std::string_view name);

}  // namespace vdm::proxy
