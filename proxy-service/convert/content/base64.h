#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vdm::proxy {

/// Encodes bytes as Base64 in the alphabet that is legal in identifiers (A-Z a-z 0-9 - _),
/// unpadded.
std::string base64url_encoded(std::string_view bytes);

/// Decodes a Base64 text of either alphabet, padded or not. Nothing when `text` is not Base64.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace vdm::proxy
