#include "proxy-service/completion/relay.h"

#include <algorithm>
#include <utility>

#include "proxy-service/convert/errors/error_body.h"
#include "proxy-service/convert/errors/error_type.h"
#include "proxy-service/redact/echo.h"

namespace vdm::proxy {
namespace {

using http1::FieldName;

bool is_passed_back(const http1::Field& field) {
  switch (field.known) {
    case FieldName::ContentLength:
    case FieldName::ProxyAuthenticate:
    case FieldName::SetCookie:
    case FieldName::Trailer:
    case FieldName::TransferEncoding:
    case FieldName::Upgrade:
    case FieldName::XRequestId:
      return false;
    default:
      break;
  }
  if (field.known != FieldName::Other) return true;
  // A provider may be another Vandamme: who answered the client is for this one to say.
  constexpr std::string_view Ours = "x-vandamme-";
  return !http1::equal_ignoring_case(field.name, "alt-svc") &&
         !http1::equal_ignoring_case(field.name, "strict-transport-security") &&
         !http1::equal_ignoring_case(field.name.substr(0, Ours.size()), Ours);
}

}  // namespace

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

void append_head(http1::HeadWriter& head, const http1::ResponseHead& from) {
  head.status_line(from.status());
  head.fields(from.fields(), is_passed_back);
  if (const auto id = from.fields().get(FieldName::XRequestId)) {
    head.field("x-upstream-request-id", *id);
  }
}

std::string_view why_unusable(const http1::ResponseHead& head, Reads reads) {
  if (head.status() != 200) return {};
  constexpr std::string_view Page = "text/html";
  const auto type = head.fields().get(FieldName::ContentType).value_or("");
  if (http1::equal_ignoring_case(type.substr(0, Page.size()), Page)) return "it sent a web page";
  const auto encoding = head.fields().get(FieldName::ContentEncoding);
  const bool compressed = encoding && !http1::equal_ignoring_case(*encoding, "identity");
  if (reads == Reads::Nothing || !compressed) return {};
  return "its answer is compressed, which was not asked for";
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

RelayResult not_begun(const Error& error, const RelayParts& parts, AttemptFailure::Kind timeout) {
  const Interrupt interrupted = parts.client.wait_point().interrupted();
  AttemptFailure::Kind fault = AttemptFailure::Kind::Reset;
  if (error.kind == ErrorKind::UpstreamTimeout) fault = timeout;
  if (interrupted != Interrupt::None) fault = AttemptFailure::Kind::Interrupted;
  return {.ended = outcome_of(error, interrupted), .failed = AttemptFailure{.kind = fault}};
}

RequestOutcome outcome_of_whole(const RelayParts& parts, int status) {
  const TapFacts& seen = parts.tap.facts();
  if (status < 400 && !seen.error) return {.outcome = Outcome::Ok, .status = status};
  return {
      .outcome = Outcome::UpstreamError,
      .status = status,
      .error_type = seen.error_type.empty() ? "http_" + std::to_string(status) : seen.error_type,
      .error_message = without_echo(seen.error_message, parts.request)};
}

namespace {

/// For an error answer whose body never came: the client gets an error made from its status.
RelayResult only_status(const RelayParts& parts, int status) {
  ErrorBody said =
      error_answer(parts.terms.dialect, read_provider_error(status, {}), parts.terms.request_id);
  return {.ended = outcome_of_whole(parts, status),
          .failed = AttemptFailure{.status = status},
          .answer = Answer{.status = status, .body = std::move(said.body)}};
}

/// The result of an answer that was relayed to its last byte.
RelayResult passed_on(const RelayParts& parts, int status) {
  RelayResult relayed{.ended = outcome_of_whole(parts, status)};
  const TapFacts& seen = parts.tap.facts();
  if (status == 200 && seen.error) relayed.reported_status = reported_status(seen.error_type, {});
  return relayed;
}

}  // namespace

Task<RelayResult> relay_whole(RelayParts parts, const http1::ResponseHead& from) {
  auto& [client, terms, call, tap, report, permit, kept, request] = parts;
  const int status = from.status();
  // An empty body needs a length too, or the client would wait for the connection's end.
  const bool has_body = status != 204 && status != 304;
  std::optional<std::uint64_t> length = from.content_length();
  std::string& text = client.head_text();
  http1::HeadWriter head(text);
  append_head(head, from);

  // Hold the head until the body's first bytes come, so that one write sends both.
  const MonotonicTime whole_until = client.worker().now + call.timeouts().whole_stream;
  client.wait_point().set_deadline(client.worker().now + call.timeouts().first_byte);
  auto payload = call.body_now();
  if (payload && payload->empty() && !call.body_done()) payload = co_await call.body();
  if (!payload) {
    const bool interrupted = client.wait_point().interrupted() != Interrupt::None;
    if (status >= 400 && !interrupted) co_return only_status(parts, status);
    co_return not_begun(payload.error(), parts, AttemptFailure::Kind::FirstByteTimeout);
  }
  if (status == 200 && payload->empty()) {
    const Error empty{ErrorKind::UpstreamRejected, "the provider's answer was empty"};
    co_return not_begun(empty, parts, AttemptFailure::Kind::Reset);
  }
  if (!length && call.body_done()) length = payload->size();
  const bool chunked = has_body && !length && terms.minor_version == 1;
  if ((has_body && !length && !chunked) || client.worker().draining) terms.keep_alive = false;
  if (chunked) head.field("transfer-encoding", "chunked");
  if (has_body && length) head.field("content-length", *length);
  client.end_head(head, terms);
  terms.status = status;
  // A failure may repeat the request, which is compared with it.
  if (status < 400) kept.release();

  BufferSequence buffers;
  buffers.add(text);
  for (;;) {
    const std::string_view bytes(payload->data(), payload->size());
    const http1::ChunkLine line(bytes.size());
    const bool as_chunk = chunked && !bytes.empty();
    if (as_chunk) buffers.add(line.text());
    buffers.add(bytes);
    if (as_chunk) buffers.add(http1::ChunkEnd);
    const bool done = call.body_done();
    if (done && chunked) buffers.add(http1::LastChunk);
    tap.body(bytes);
    report.relayed(bytes.size());
    if (!client.send_now(buffers)) {
      if (done) report.draining();
      const bool sent = co_await client.send_rest(buffers);
      if (!sent)
        co_return RelayResult{.ended = outcome_of(Error{}, client.wait_point().interrupted())};
    }
    if (done) break;
    buffers = {};
    client.wait_point().set_deadline(
        std::min(client.worker().now + call.timeouts().stream_idle, whole_until));
    payload = co_await call.body();
    if (!payload) {
      // The body ends early or its last chunk is missing, so the client sees that it is cut.
      terms.keep_alive = false;
      RelayResult cut{.ended = outcome_of(payload.error(), client.wait_point().interrupted())};
      if (cut.ended.outcome != Outcome::ClientCancelled) cut.ended.status = status;
      co_return cut;
    }
  }
  tap.body_end();
  call.finish();
  co_return passed_on(parts, status);
}

}  // namespace vdm::proxy
