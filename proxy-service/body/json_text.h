#pragma once

#include <string>
#include <string_view>

namespace vdm::proxy {

/// Decodes and encodes the text of JSON strings. Its callers pass valid UTF-8.

/// White space between JSON's tokens.
constexpr bool is_json_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// The text between the quotes of a JSON string.
constexpr std::string_view unquoted(std::string_view quoted) {
  return {quoted.data() + 1, quoted.size() - 2};
}

/// Appends the text between a string's quotes with its escapes decoded; false when an escape is
/// invalid. Half a surrogate pair becomes U+FFFD.
bool append_decoded(std::string_view between_quotes, std::string& out);

/// Whether all escapes are valid, so that the text may be copied as it stands.
bool escapes_are_legal(std::string_view between_quotes);

/// Appends `text` as a JSON string with its quotes.
void append_quoted(std::string_view text, std::string& out);

/// Whether a key is `name`, whichever of its characters are escaped.
bool key_is(std::string_view between_quotes, std::string_view name);

}  // namespace vdm::proxy
