#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vdm::demo {

/// Splits a text into this provider's tokens of at most eight bytes. A space or line break belongs
/// to the word after it, and no token splits a UTF-8 character. Joined, the tokens are the text.
/// Pure.
std::vector<std::string> tokens_of(std::string_view text);

/// The number of tokens that tokens_of() returns.
std::uint64_t count_tokens(std::string_view text);

/// An answer to the question `asked`: one of the prepared texts of one to three paragraphs. A word
/// in the question chooses it, else the question's hash. Pure.
std::string answer_to(std::string_view asked);

/// The text that a thinking model thinks before it answers. Pure.
std::string thoughts_about(std::string_view asked);

}  // namespace vdm::demo
