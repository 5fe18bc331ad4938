#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vdm {

/// Text as the contract allows it: UTF-8, and no longer than its cap. Protobuf
/// refuses a whole message for one bad byte, so foreign text is cleaned before
/// it is put in one. Pure. Thread: any.

bool is_utf8(std::string_view text);

/// At most `bytes_max` bytes of `text`, cut between characters.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

/// `text` itself when it is UTF-8 and fits; else a copy in `room`, cut, with
/// U+FFFD for what was not UTF-8.
std::string_view clean_utf8(std::string_view text, std::size_t bytes_max, std::string& room);

}  // namespace vdm
