#pragma once

#include <string_view>

namespace vdm::proxy {

/// Whether a word, in lower case, is one that providers say what went wrong with:
/// plain English, the API's own members and its units. Such a word tells nothing of
/// a request that happens to have it too. Words of up to two letters are. Pure.
bool is_error_word(std::string_view word);

}  // namespace vdm::proxy
