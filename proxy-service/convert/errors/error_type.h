#pragma once

#include <string_view>

namespace vdm::proxy {

/// The words of both dialects for what went wrong, and the statuses they stand for. Pure.

/// The status that an error's own words mean, where no status was said with it: a type or a
/// code of either dialect, or a number. 0 when they mean none.
int reported_status(std::string_view type, std::string_view code);

/// Whether the code is the word to go by: OpenAI says "requests" or "tokens" as the type of
/// a rate limit, and some say no type.
bool code_tells(std::string_view type, std::string_view code);

/// The type that each API has for a status.
std::string_view anthropic_error_type(int status);
std::string_view openai_error_type(int status);

}  // namespace vdm::proxy
