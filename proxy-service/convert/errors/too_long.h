#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vdm::proxy {

/// That a prompt exceeds the context window, which every maker says in other words. Clients act on
/// it: Claude Code compacts the conversation when it reads Anthropic's words, OpenAI's clients look
/// for a code. Pure.

/// Whether an error says so: by its type or code, or by one of the wordings in the table. Words of
/// a rate limit, which has its own count of tokens, do not.
bool says_too_long(std::string_view type, std::string_view code, std::string_view message);

/// The error in the words that Claude Code acts on: "prompt is too long: N tokens > M maximum" with
/// the numbers that are stated, or in Anthropic's other words when only max_tokens is too large for
/// what is left of the window. A message that is in such words already stays as it is. `used` and
/// `limit` are numbers that stand beside the message; 0 when there are none.
std::string too_long_for_claude(std::string_view message, std::int64_t used, std::int64_t limit);

/// Whether Claude Code acts on the message as it is.
bool claude_acts_on(std::string_view message);

}  // namespace vdm::proxy
