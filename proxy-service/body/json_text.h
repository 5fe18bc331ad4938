#pragma once

#include <string>
#include <string_view>

namespace vdm::proxy {

/// The text of JSON strings, decoded and encoded. UTF-8 is taken to be valid.

/// Appends what stands between a string's quotes, escapes resolved; false when
/// an escape is none. Half a surrogate pair becomes U+FFFD.
bool append_decoded(std::string_view between_quotes, std::string& out);

/// Whether every escape in it is one, so that it may be copied as it stands.
bool escapes_are_legal(std::string_view between_quotes);

/// Appends `text` as a JSON string, quotes included.
void append_quoted(std::string_view text, std::string& out);

/// Whether a key as it stands in the text says `name`, whichever way it is written.
bool key_is(std::string_view between_quotes, std::string_view name);

}  // namespace vdm::proxy
