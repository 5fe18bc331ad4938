#include "proxy-service/convert/stop_reason.h"

namespace vdm::proxy {

std::string_view stop_reason_of(std::string_view finish_reason, bool has_tool_calls) {
  // Mistral sends "model_length", and several local servers send "max_tokens".
  if (finish_reason == "length" || finish_reason == "max_tokens" ||
      finish_reason == "model_length") {
    return "max_tokens";
  }
  if (finish_reason == "content_filter") return "refusal";
  return has_tool_calls ? "tool_use" : "end_turn";
}

std::string_view finish_reason_of(std::string_view stop_reason) {
  if (stop_reason == "tool_use") return "tool_calls";
  if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded") {
    return "length";
  }
  if (stop_reason == "refusal") return "content_filter";
  return "stop";  // end_turn, stop_sequence, pause_turn
}

}  // namespace vdm::proxy
