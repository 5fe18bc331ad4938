#pragma once

#include <cstddef>
#include <string_view>

namespace vdm::proxy {

/// Converts the reason why an answer ended to the other dialect. tap/end_word has what the words of
/// all makers mean. Pure.

/// A stream machine keeps at most this much of a reason.
inline constexpr std::size_t ReasonBytesMax = 64;

/// `has_tool_calls` decides between end_turn and tool_use: some providers end an answer that calls
/// tools with "stop", and a client that reads "tool_use" looks for a call.
std::string_view stop_reason_of(std::string_view finish_reason, bool has_tool_calls);

std::string_view finish_reason_of(std::string_view stop_reason);

}  // namespace vdm::proxy
