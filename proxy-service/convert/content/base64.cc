#include "proxy-service/convert/content/base64.h"

#include <absl/strings/escaping.h>

namespace vdm::proxy {
namespace {

absl::string_view view_of(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string base64url_encoded(std::string_view bytes) {
  return absl::WebSafeBase64Escape(view_of(bytes));
}

std::optional<std::string> base64_decoded(std::string_view text) {
  // Abseil passes over blanks, which no provider means.
  if (text.find_first_of(" \t\r\n\f\v") != std::string_view::npos) return std::nullopt;
  std::string bytes;
  const bool url = text.find_first_of("-_") != std::string_view::npos;
  const bool decoded = url ? absl::WebSafeBase64Unescape(view_of(text), &bytes)
                           : absl::Base64Unescape(view_of(text), &bytes);
  if (!decoded) return std::nullopt;
  return bytes;
}

}  // namespace vdm::proxy
