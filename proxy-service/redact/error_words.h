#pragma once

#include <string_view>

namespace vdm::proxy {

/// Whether `word`, in lower case, is one that providers describe errors with: plain
/// English, the API's own members and its units. Such a word reveals nothing of a
/// request that has it, too. Every word of up to two letters is one. Pure.
bool is_error_word(std::string_view word);

}  // namespace vdm::proxy
