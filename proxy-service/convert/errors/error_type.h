#pragma once

#include <string_view>

namespace vdm::proxy {

/// The error types and codes of both dialects, and the statuses they stand for. Pure.

/// The status of an error that came without one, from its type or code: a word of either dialect,
/// or a number. 0 when they stand for none.
int reported_status(std::string_view type, std::string_view code);

/// Whether the code tells more about an error than the type: OpenAI sends "requests" or "tokens" as
/// the type of a rate limit, and some providers send no type.
bool code_tells(std::string_view type, std::string_view code);

/// The error type that each API uses for a status.
std::string_view anthropic_error_type(int status);
std::string_view openai_error_type(int status);

}  // namespace vdm::proxy
