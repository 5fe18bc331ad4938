#include "proxy-service/completion/answer_start.h"

namespace vdm::proxy {

AnswerForm AnswerStart::labelled() const {
  constexpr std::string_view EventStream = "text/event-stream";
  const auto type = call_.head().fields().get(http1::FieldName::ContentType).value_or("");
  const bool is_stream =
      http1::equal_ignoring_case(type.substr(0, EventStream.size()), EventStream);
  return is_stream ? AnswerForm::Stream : AnswerForm::Whole;
}

AnswerStart::AnswerStart(UpstreamCall& call, std::size_t blank_max) : call_(call) {
  const auto begin = call_.body_now();
  if (!begin) return;  // read_on() finds the fault again
  bytes_ = *begin;
  form_ = look(blank_max);
}

AttemptFailure::Kind AnswerStart::late_kind() const {
  return labelled() == AnswerForm::Stream ? AttemptFailure::Kind::FirstTokenTimeout
                                          : AttemptFailure::Kind::FirstByteTimeout;
}

std::optional<AnswerForm> AnswerStart::look(std::size_t blank_max) const {
  const auto form = form_of({bytes_.data(), bytes_.size()}, blank_max);
  if (form == AnswerForm::Gzip && !call_.inflates()) return std::nullopt;
  const bool label_decides = form ? form == AnswerForm::Labelled : call_.body_done();
  return label_decides ? labelled() : form;
}

Task<Result<void>> AnswerStart::read_on() {
  const UpstreamTimeouts& timeouts = call_.timeouts();
  const bool stream = labelled() == AnswerForm::Stream;
  call_.keep_head();
  call_.set_deadline(stream ? timeouts.first_token : timeouts.first_byte);
  memory_.assign(bytes_.data(), bytes_.size());
  for (;;) {
    if (http1::Inflater::is_gzip(memory_) && !call_.inflates()) {
      call_.inflate(memory_);
      memory_.clear();
    }
    bytes_ = memory_;
    form_ = look(blank_bytes_max);
    if (form_) co_return Result<void>();
    const auto more = co_await call_.body();
    if (!more) co_return more.error();
    memory_.append(more->data(), more->size());
  }
}

}  // namespace vdm::proxy
