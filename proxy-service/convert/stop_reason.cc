#include "proxy-service/convert/stop_reason.h"

#include "proxy-service/tap/end_word.h"

namespace vdm::proxy {

std::string_view stop_reason_of(std::string_view finish_reason, bool has_tool_calls) {
  switch (meaning_of_end(finish_reason)) {
    case EndMeaning::Length:
      return "max_tokens";
    case EndMeaning::ContextFull:
      return "model_context_window_exceeded";
    case EndMeaning::Filtered:
      return "refusal";
    case EndMeaning::Ended:
    case EndMeaning::GoesOn:
    case EndMeaning::Tools:
    case EndMeaning::Failed:  // no answer: an error is told instead
      break;
  }
  return has_tool_calls ? "tool_use" : "end_turn";
}

std::string_view finish_reason_of(std::string_view stop_reason) {
  switch (meaning_of_end(stop_reason)) {
    case EndMeaning::Length:
    case EndMeaning::ContextFull:
      return "length";
    case EndMeaning::Filtered:
      return "content_filter";
    case EndMeaning::Tools:
      return "tool_calls";
    case EndMeaning::Ended:  // end_turn, stop_sequence, pause_turn
    case EndMeaning::GoesOn:
    case EndMeaning::Failed:
      break;
  }
  return "stop";
}

}  // namespace vdm::proxy
