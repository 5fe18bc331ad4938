#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vdm {

/// Decodes %XX. Returns nothing when an escape is malformed or encodes NUL. A '+' stays a '+': it
/// means a space only in a query, and the reader of a query replaces it before it calls this.
/// Thread: any.
std::optional<std::string> percent_decoded(std::string_view text);

/// Encodes all but letters, digits and "-._~", so that the text may stand anywhere in a URL.
std::string percent_encoded(std::string_view text);

}  // namespace vdm
