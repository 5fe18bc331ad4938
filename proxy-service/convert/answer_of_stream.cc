#include "proxy-service/convert/answer_of_stream.h"

#include <utility>

#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy {

AnswerOfStream::AnswerOfStream(Dialect upstream, std::size_t bytes_max)
    : splitter_(bytes_max), bytes_max_(bytes_max) {
  if (upstream == Dialect::Anthropic) answer_.emplace<AssembledMessage>();
}

bool AnswerOfStream::take(std::string_view bytes) {
  bytes_ += bytes.size();
  events_.clear();
  if (bytes_ > bytes_max_ || !splitter_.push(bytes, events_)) {
    violation_ = "the provider's stream is too large to be read";
    return false;
  }
  for (const SseEvent& event : events_) {
    if (!take(event)) {
      complete_ = true;
      return false;
    }
  }
  return true;
}

bool AnswerOfStream::take(const SseEvent& event) {
  AssembledChat* const chat = std::get_if<AssembledChat>(&answer_);
  if (event.data.empty()) return true;
  if (event.data == "[DONE]") {
    if (chat != nullptr) chat->end();
    return chat == nullptr;  // in Anthropic's dialect it says nothing
  }
  const auto data = parse_body(event.data);
  if (!data) {
    violation_ = "an event of the provider's stream is not a JSON object";
    return false;
  }
  if (chat == nullptr) return std::get<AssembledMessage>(answer_).take(*data);
  chat->take(*data);
  return true;
}

Result<std::string> AnswerOfStream::take_answer() && {
  // The end of the stream completes an event that has no blank line behind it.
  if (violation_.empty() && !complete_) take("\n\n");
  if (!violation_.empty()) return Error{ErrorKind::UpstreamRejected, std::string(violation_)};
  auto answer = std::visit([](auto& parts) { return std::move(parts).take_answer(); }, answer_);
  if (!answer) return answer.error();
  return json_text(*answer);
}

}  // namespace vdm::proxy
