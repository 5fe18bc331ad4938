#pragma once

#include <cstddef>
#include <string_view>

namespace vdm::proxy {

/// Why an answer ended, in the other dialect's words. The one place that maps them.
/// A word not known here is an ordinary end. Pure.

/// As much of a reason as a stream keeps.
inline constexpr std::size_t ReasonBytesMax = 64;

/// `has_tool_calls` decides between an end and a call: providers end an answer
/// that calls tools with "stop" too, and a client told "tool_use" looks for a call.
std::string_view stop_reason_of(std::string_view finish_reason, bool has_tool_calls);

std::string_view finish_reason_of(std::string_view stop_reason);

}  // namespace vdm::proxy
