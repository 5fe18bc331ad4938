#include "proxy-service/forward/answer_relay.h"

#include <utility>

namespace vdm::proxy {
namespace {

/// Whether an answer of this status has no body, so that its head says nothing of one.
bool is_bodiless(int status) { return status == 204 || status == 205 || status == 304; }

/// Waits for the body's first bytes, after which no other attempt follows.
Task<Result<std::span<char>>> first_bytes(RelayParts parts) {
  UpstreamCall& call = parts.call;
  const auto now = call.body_now();
  if (!now || !now->empty() || call.body_done()) co_return now;
  call.keep_head();
  call.set_deadline(call.timeouts().first_byte);
  co_return co_await call.body();
}

/// Sends a piece of the body, the last one if `done`; false when the client is gone.
Task<bool> send(RelayParts parts, BufferSequence buffers, bool done) {
  if (parts.client.send_now(buffers)) co_return true;
  if (done) parts.report.draining();
  co_return co_await parts.client.send_rest(buffers);
}

}  // namespace

Task<void> relay_answer(RelayParts parts, AnswerUsage& usage, bool with_model,
                        RelayResult& relayed) {
  auto& [client, terms, call, tap, report, permit, kept, model_token] = parts;
  const MonotonicTime whole_until = client.worker().now + call.timeouts().whole_stream;
  const auto begin = co_await first_bytes(parts);
  if (!begin) {
    relayed = not_begun(begin.error(), parts, AttemptFailure::Kind::FirstByteTimeout);
    co_return;
  }
  std::span<char> payload = *begin;
  bool done = call.body_done();

  const http1::ResponseHead& from = call.head();
  const int status = from.status();
  ErrorWatch watch = watch_over(from, client);
  std::string& text = client.head_text();
  http1::HeadWriter head(text);
  append_head(head, from, terms, client.worker().snapshot.passed_fields);
  bool chunked = false;
  if (is_bodiless(status)) {
    if (client.worker().draining) terms.keep_alive = false;
    client.end_head(head, terms);
  } else {
    std::optional<std::uint64_t> length = from.content_length();
    if (call.inflates()) length.reset();
    if (done) length = payload.size();
    chunked = end_head(parts, head, length);
  }
  terms.status = status;
  payload = watch.pass(payload, done);
  kept.release();
  if (!payload.empty() && usage.form() == AnswerUsage::Form::Events) report.first_token();

  BufferSequence buffers;
  buffers.add(text);
  for (;;) {
    const std::string_view bytes(payload.data(), payload.size());
    const http1::ChunkLine line(bytes.size());
    add_piece(buffers, line, bytes, chunked, done);
    usage.push(bytes);
    report.relayed(bytes.size());
    const bool sent = buffers.size() == 0 || co_await send(parts, buffers, done);
    if (!sent) {
      relayed.ended = outcome_of(Error{}, client.wait_point().interrupted());
      co_return;
    }
    if (done) break;
    buffers = {};
    wait_for_more(parts, whole_until);
    const auto more = co_await call.body();
    if (!more) co_return note_cut(more.error(), parts, status, relayed);
    done = call.body_done();
    payload = watch.pass(*more, done);
  }
  const std::string summary = usage.summary(with_model);
  if (!summary.empty()) tap.body_end(summary);
  call.finish();
  relayed.ended = {.outcome = Outcome::Ok, .status = status};
}

}  // namespace vdm::proxy
