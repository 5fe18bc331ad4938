#include "proxy-service/completion/relay.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "proxy-service/completion/asked_wait.h"
#include "proxy-service/completion/error_relay.h"
#include "proxy-service/convert/errors/error_type.h"

namespace vdm::proxy {

using http1::FieldName;

std::array<std::string_view, 2> RelayParts::request_text() const {
  const std::string_view text = kept.body.text();
  const std::size_t end = std::min(text.size(), model_token.begin + model_token.size);
  return {text.substr(0, model_token.begin), text.substr(end)};
}

RequestOutcome outcome_of(const Error& error, Interrupt interrupted) {
  RequestOutcome ended{.error_message = error.message};
  switch (interrupted) {
    case Interrupt::ClientGone:
      return {.outcome = Outcome::ClientCancelled, .status = 499, .error_type = "client_gone"};
    case Interrupt::Operator:
      ended.outcome = Outcome::CancelledByOperator;
      ended.error_type = "cancelled_by_operator";
      return ended;
    case Interrupt::Shutdown:
      ended.outcome = Outcome::GatewayShutdown;
      ended.error_type = "gateway_shutdown";
      return ended;
    case Interrupt::None:
      break;
  }
  const bool late = error.kind == ErrorKind::UpstreamTimeout;
  ended.outcome = late ? Outcome::Timeout : Outcome::UpstreamError;
  ended.error_type = refusal_of(error).type;
  ended.status = http_status(error.kind);
  return ended;
}

void append_head(http1::HeadWriter& head, const http1::ResponseHead& from, const ReplyTerms& terms,
                 const http1::PassedFields& passed, std::string_view content_type) {
  head.status_line(from.status());
  if (content_type.empty()) {
    head.fields(from.fields(), [&passed](const http1::Field& field) { return passed.pass(field); });
  } else {
    head.fields(from.fields(), [&passed](const http1::Field& field) {
      return field.known != FieldName::ContentType && passed.pass(field);
    });
    head.field("content-type", content_type);
  }
  if (const auto id = from.fields().get(FieldName::XRequestId)) {
    head.field("x-upstream-request-id", *id);
  }
  if (terms.dialect == Dialect::Anthropic && !from.fields().get(FieldName::RequestId)) {
    head.field("request-id", terms.request_id);
  }
}

std::uint64_t whole_seconds(std::chrono::milliseconds wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  return static_cast<std::uint64_t>(std::max(seconds, std::chrono::seconds(1)).count());
}

void add_fields(Answer& answer, const http1::ResponseHead& from, const RelayParts& parts) {
  const http1::Fields& fields = from.fields();
  const SystemTime now = parts.client.worker().snapshot.server.clock.wall();
  const auto wait = asked_wait(from.status(), fields, now);
  if (const auto after = fields.get(FieldName::RetryAfter)) {
    answer.fields.emplace_back("retry-after", *after);
  } else if (wait) {
    answer.fields.emplace_back("retry-after", std::to_string(whole_seconds(*wait)));
  }
  // The SDKs of both dialects read these, too.
  for (const std::string_view name : {"retry-after-ms", "x-should-retry"}) {
    if (const auto value = fields.get(name)) answer.fields.emplace_back(name, *value);
  }
  auto id = fields.get(FieldName::XRequestId);
  if (!id) id = fields.get(FieldName::RequestId);
  if (id) answer.fields.emplace_back("x-upstream-request-id", *id);
}

RelayResult not_asked(const Refusal& why, std::chrono::milliseconds again_after,
                      const ReplyTerms& terms) {
  const auto seconds =
      std::max(std::chrono::ceil<std::chrono::seconds>(again_after), std::chrono::seconds(1));
  return {.ended = {.outcome = Outcome::UpstreamError,
                    .status = why.status,
                    .error_type = std::string(why.type),
                    .error_message = why.message},
          .failed = AttemptFailure{.kind = AttemptFailure::Kind::BreakerOpen},
          .answer = Answer{.status = why.status,
                           .body = error_body(terms.dialect, why, terms.request_id),
                           .fields = {{"retry-after", std::to_string(seconds.count())}}}};
}

RelayResult rejected(const Refusal& why, const ReplyTerms& terms) {
  return {.ended = {.outcome = Outcome::Rejected,
                    .status = why.status,
                    .error_type = std::string(why.type),
                    .error_message = why.message},
          .answer = Answer{.status = why.status,
                           .body = error_body(terms.dialect, why, terms.request_id)}};
}

RelayResult unusable(const RelayParts& parts, std::string_view why) {
  const Error error{ErrorKind::UpstreamRejected,
                    "provider '" + parts.call.provider().name + "': " + std::string(why)};
  return not_begun(error, parts, AttemptFailure::Kind::Reset);
}

RelayResult not_begun(const Error& error, const RelayParts& parts, AttemptFailure::Kind timeout) {
  const Interrupt interrupted = parts.client.wait_point().interrupted();
  AttemptFailure::Kind fault = AttemptFailure::Kind::Reset;
  if (error.kind == ErrorKind::UpstreamTimeout) fault = timeout;
  if (interrupted != Interrupt::None) fault = AttemptFailure::Kind::Interrupted;
  return {.ended = outcome_of(error, interrupted), .failed = AttemptFailure{.kind = fault}};
}

void wait_for_more(const RelayParts& parts, MonotonicTime whole_until) {
  const MonotonicTime idle_until = parts.client.worker().now + parts.call.timeouts().stream_idle;
  parts.client.wait_point().set_deadline(std::min(idle_until, whole_until));
}

void add_piece(BufferSequence& buffers, const http1::ChunkLine& line, std::string_view bytes,
               bool chunked, bool done) {
  const bool as_chunk = chunked && !bytes.empty();
  if (as_chunk) buffers.add(line.text());
  buffers.add(bytes);
  if (as_chunk) buffers.add(http1::ChunkEnd);
  if (done && chunked) buffers.add(http1::LastChunk);
}

void note_cut(const Error& error, const RelayParts& parts, int status, RelayResult& relayed) {
  parts.terms.keep_alive = false;
  relayed.ended = outcome_of(error, parts.client.wait_point().interrupted());
  if (relayed.ended.outcome != Outcome::ClientCancelled) relayed.ended.status = status;
}

ErrorWatch watch_over(const http1::ResponseHead& from, ClientConnection& client) {
  const auto label = from.fields().get(FieldName::ContentType).value_or("");
  return {client.worker().snapshot.own_keys, label};
}

bool end_head(const RelayParts& parts, http1::HeadWriter& head,
              std::optional<std::uint64_t> length) {
  ReplyTerms& terms = parts.terms;
  const bool chunked = !length && terms.minor_version == 1;
  if ((!length && !chunked) || parts.client.worker().draining) terms.keep_alive = false;
  if (chunked) head.field("transfer-encoding", "chunked");
  if (length) head.field("content-length", *length);
  parts.client.end_head(head, terms);
  return chunked;
}

namespace {

// What is held back of an answer until it is whole: most answers are, and more than enough to tell
// what is none.
constexpr std::size_t HeldBytesMax = 16 * 1024;
constexpr std::string_view Json = "application/json";

bool is_blank(std::span<char> bytes) {
  return std::string_view(bytes.data(), bytes.size()).find_first_not_of(" \t\r\n") ==
         std::string_view::npos;
}

/// The label for an answer that is JSON under another one; empty when the provider's is right.
std::string_view json_label(const http1::ResponseHead& from, std::span<char> begin) {
  const bool is_json = !begin.empty() && (begin.front() == '{' || begin.front() == '[');
  const auto label = from.fields().get(FieldName::ContentType).value_or("");
  return is_json && label != Json && !contains(label, "json") ? Json : std::string_view();
}

/// Reads on until the answer is whole, or larger than what is held back. Returns all that has come.
Task<Result<std::span<char>>> hold(RelayParts parts, MonotonicTime whole_until,
                                   std::span<char> begin, std::string& held) {
  held.assign(begin.data(), begin.size());
  while (!parts.call.body_done() && held.size() <= HeldBytesMax) {
    wait_for_more(parts, whole_until);
    const auto more = co_await parts.call.body();
    if (!more) co_return more.error();
    held.append(more->data(), more->size());
  }
  co_return std::span<char>(held);
}

/// Sets the result of an answer that was relayed to its last byte. Its words are left out: they may
/// repeat the request, which is not kept any more.
void note_end(const RelayParts& parts, int status, RelayResult& relayed) {
  const TapFacts& seen = parts.tap.facts();
  relayed.ended.outcome = Outcome::Ok;
  relayed.ended.status = status;
  if (!seen.error && !seen.nothing()) return;
  relayed.ended.outcome = Outcome::UpstreamError;
  relayed.ended.error_type = seen.error_type.empty() ? "upstream_error" : seen.error_type;
  if (seen.error) relayed.reported_status = reported_status(seen.error_type, {});
}

}  // namespace

Task<void> relay_whole(RelayParts parts, const http1::ResponseHead& from, Dialect upstream,
                       std::span<char> begin, RelayResult& relayed) {
  auto& [client, terms, call, tap, report, permit, kept, model_token] = parts;
  const int status = from.status();
  std::optional<std::uint64_t> length = from.content_length();
  if (call.inflates()) length.reset();
  std::string& text = client.head_text();
  http1::HeadWriter head(text);
  append_head(head, from, terms, client.worker().snapshot.passed_fields, json_label(from, begin));

  const MonotonicTime whole_until = client.worker().now + call.timeouts().whole_stream;
  std::string held;
  std::span<char> payload = begin;
  if (!call.body_done() && !is_blank(payload)) {
    call.keep_head();
    const auto beginning = co_await hold(parts, whole_until, payload, held);
    if (!beginning) {
      relayed = not_begun(beginning.error(), parts, AttemptFailure::Kind::FirstByteTimeout);
      co_return;
    }
    payload = *beginning;
  }
  bool done = call.body_done();
  std::optional<ErrorWatch> watch;
  if (done) {
    tap.body_end({payload.data(), payload.size()});
    if (tap.facts().error || tap.facts().nothing()) {
      relayed = no_answer(parts, from, upstream, std::string(payload.data(), payload.size()));
      co_return;
    }
    length = payload.size();
  } else {
    tap.body({payload.data(), payload.size()});
    payload = watch.emplace(watch_over(from, client)).pass(payload, false);
  }
  const bool chunked = end_head(parts, head, length);
  terms.status = status;
  kept.release();

  BufferSequence buffers;
  buffers.add(text);
  for (;;) {
    const std::string_view bytes(payload.data(), payload.size());
    const http1::ChunkLine line(bytes.size());
    add_piece(buffers, line, bytes, chunked, done);
    report.relayed(bytes.size());
    if (buffers.size() > 0 && !client.send_now(buffers)) {
      if (done) report.draining();
      const bool sent = co_await client.send_rest(buffers);
      if (!sent) {
        relayed.ended = outcome_of(Error{}, client.wait_point().interrupted());
        co_return;
      }
    }
    if (done) break;
    buffers = {};
    wait_for_more(parts, whole_until);
    const auto more = co_await call.body();
    if (!more) co_return note_cut(more.error(), parts, status, relayed);
    done = call.body_done();
    const std::string_view bytes_read(more->data(), more->size());
    done ? tap.body_end(bytes_read) : tap.body(bytes_read);
    payload = watch->pass(*more, done);
  }
  call.finish();
  note_end(parts, status, relayed);
}

}  // namespace vdm::proxy
