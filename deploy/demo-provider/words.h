#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vdm::demo {

/// Cuts a text into what this provider calls tokens: a space or line break goes
/// with what follows, at most eight bytes, never within a UTF-8 character. Put
/// together again they are the text. Pure.
std::vector<std::string> tokens_of(std::string_view text);

/// How many tokens_of() would give.
std::uint64_t count_tokens(std::string_view text);

/// Something to say about what was asked: one of the canned texts, one to three
/// paragraphs, chosen by what the question mentions, else by its hash. Pure.
std::string answer_to(std::string_view asked);

/// What goes through a thinking model's head before it answers. Pure.
std::string thoughts_about(std::string_view asked);

}  // namespace vdm::demo
