#include <utility>

#include "proxy-service/completion/error_relay.h"
#include "proxy-service/forward/answer_relay.h"
#include "proxy-service/forward/forward.h"
#include "proxy-service/forward/forward_head.h"

// How a request that is passed on whole is sent, and its answer passed back.

namespace vdm::proxy {

void Forward::prepare() {
  const std::string& model = attempts_.target().model;
  written_model_ = model == model_->name() ? std::string() : model_->written(model);
}

Task<void> Forward::ask() {
  for (;;) {
    RelayResult relayed;
    UpstreamRequest request;
    if (attempts_.begin(relayed)) {
      if (write_request(request, relayed)) {
        const auto answer = co_await attempts_.open_call().exchange(request, attempts_.report());
        const int status = answered(answer, relayed) ? attempts_.status() : 0;
        // A 304 answers a client that asked so.
        const bool is_refusal = status >= 300 && status != 304;
        if (is_refusal) co_await refused(relayed);
        if (status != 0 && !is_refusal) co_await relay(relayed);
      }
      attempts_.end(relayed);
    }
    const bool waited = attempts_.goes_on() && co_await attempts_.pause(relayed);
    if (waited && take_step()) continue;
    if (attempts_.client_waits(relayed)) co_await attempts_.answer_client(relayed);
    if (body_.size() != attempts_.report().facts().request_bytes) {
      attempts_.update_report(body_.size());
    }
    co_return attempts_.finish(relayed);
  }
}

bool Forward::write_request(UpstreamRequest& request, RelayResult& relayed) {
  const bool as_chunks = !body_.whole() && body_.chunked();
  const std::uint64_t kept = kept_bytes_sent();
  ForwardFraming framing{.chunked = as_chunks};
  const bool has_body = request_.chunked || request_.content_length.has_value();
  if (has_body && !as_chunks) {
    framing.length = body_.whole() ? kept : body_.size() - kept_.body.size() + kept;
  }
  auto head = forward_head(attempts_.provider(), attempts_.door(), attempts_.key(), request_,
                           asked_, framing);
  if (!head) {
    attempts_.give_up(refusal_of(head.error()), relayed);
    return false;
  }
  head_ = std::move(*head);
  line_.emplace(kept);
  request.buffers.add(head_);
  add_body(request.buffers, as_chunks ? line_->text() : std::string_view());
  if (!body_.whole()) request.rest = &body_;
  return true;
}

std::uint64_t Forward::kept_bytes_sent() const {
  const std::size_t kept = kept_.body.size();
  return written_model_.empty() ? kept : kept - model_->token().size + written_model_.size();
}

/// The kept bytes with the model's name replaced; as a chunk if it has a line.
void Forward::add_body(BufferSequence& buffers, std::string_view chunk_line) const {
  const std::string_view kept = kept_.body.text();
  buffers.add(chunk_line);
  if (written_model_.empty()) {
    buffers.add(kept);
  } else {
    const auto [begin, size] = model_->token();
    buffers.add(kept.substr(0, begin));
    buffers.add(written_model_);
    buffers.add(kept.substr(begin + size));
  }
  if (!chunk_line.empty()) buffers.add(http1::ChunkEnd);
}

/// Whether the provider has got the whole request and answered it; if not, `failed` says why.
bool Forward::answered(const Result<const http1::ResponseHead*>& answer, RelayResult& failed) {
  // What the client still sends would be read as its next request.
  if (!body_.whole()) terms_.keep_alive = false;
  if (body_.refusal() && body_.refusal()->status != 499) {
    attempts_.give_up(*body_.refusal(), failed);
    return false;
  }
  return attempts_.answered(answer, failed);
}

/// Reads an error answer, and decides by what it says.
Task<void> Forward::refused(RelayResult& relayed) {
  const RelayParts parts = relay_parts();
  auto refusal = co_await attempts_.read_refusal(parts, relayed);
  if (!refusal || attempts_.goes_on_after(*refusal, relayed)) co_return;
  const std::string words = refusal->error.has_words ? refusal->error.message : std::string();
  relayed = co_await relay_refusal(parts, parts.call.head(), attempts_.target().dialect,
                                   std::move(*refusal));
  if (relayed.ended.outcome != Outcome::UpstreamError) co_return;
  // Only of whole JSON can be told what repeats the request, whose texts no report may hold.
  if (body_.size() == 0) {
    relayed.ended.error_message = words;
  } else if (!model_->is_json() || !body_.repeatable()) {
    relayed.ended.error_message.clear();
  }
}

Task<void> Forward::relay(RelayResult& relayed) {
  const RelayParts parts = relay_parts();
  if (!parts.call.readable()) {
    relayed = unusable(parts, "its answer is compressed in a way that was not asked for");
    co_return;
  }
  const auto type = parts.call.head().fields().get(http1::FieldName::ContentType);
  const bool counts = !is_about_stored(asked_.kind);
  AnswerUsage usage(counts ? AnswerUsage::form_of(type.value_or("")) : AnswerUsage::Form::Other);
  const bool with_model = !attempts_.target().model.empty();
  co_await relay_answer(parts, usage, with_model, relayed);
}

/// Moves to the next key or target.
bool Forward::take_step() {
  const NextStep step = attempts_.next();
  if (!attempts_.take_step()) return false;
  if (step == NextStep::NextTarget) {
    prepare();
    attempts_.update_report(body_.size());
  }
  return true;
}

}  // namespace vdm::proxy
