#include "proxy-service/completion/error_relay.h"

#include <algorithm>
#include <utility>

#include "proxy-service/completion/asked_wait.h"
#include "proxy-service/convert/errors/error_body.h"
#include "proxy-service/convert/errors/too_long.h"
#include "proxy-service/redact/echo.h"
#include "proxy-service/redact/redact.h"

namespace vdm::proxy {
namespace {

using http1::FieldName;

constexpr std::size_t RefusalBytesMax = 1024 * 1024;
// An error comes at once. Another attempt, or the client, does not wait longer for its words.
constexpr std::chrono::milliseconds Patience{5'000};

/// Reads the body of an error, within its bound; an error when it cannot be read whole.
Task<Result<std::string>> read_all(RelayParts parts) {
  UpstreamCall& call = parts.call;
  std::string body;
  for (;;) {
    call.set_deadline(std::min(Patience, call.timeouts().first_byte));
    const auto payload = co_await call.body();
    if (!payload) co_return payload.error();
    if (payload->empty()) break;
    if (body.size() + payload->size() > RefusalBytesMax) {
      co_return Error{ErrorKind::TooLarge, "the provider's error is too large"};
    }
    body.append(payload->data(), payload->size());
  }
  call.finish();
  co_return body;
}

/// Whether the client acts on the error only in other words than the provider's.
bool needs_other_words(const RelayParts& parts, const ProviderError& error, int status) {
  const bool too_long = error.kind == ProviderError::Kind::PromptTooLong;
  const bool anthropic = parts.terms.dialect == Dialect::Anthropic;
  return too_long && anthropic && (status != 400 || !claude_acts_on(error.message));
}

const OwnKeys& own_keys(const RelayParts& parts) { return parts.client.worker().snapshot.own_keys; }

/// A provider that repeats our key may do so in any field.
void blot_out_keys(Answer& answer, const OwnKeys& keys) {
  for (auto& [name, value] : answer.fields) keys.blot_out(value);
}

/// Sends the provider's own bytes, with its head.
Task<bool> send_as_it_is(RelayParts parts, const http1::ResponseHead& from, const std::string& body,
                         std::optional<std::chrono::milliseconds> wait) {
  auto& [client, terms, call, tap, report, permit, kept, model_token] = parts;
  if (client.worker().draining) terms.keep_alive = false;
  std::string& text = client.head_text();
  http1::HeadWriter head(text);
  append_head(head, from, terms, client.worker().snapshot.passed_fields);
  const bool says_it = from.fields().get(FieldName::RetryAfter).has_value();
  if (wait && !says_it) head.field("retry-after", whole_seconds(*wait));
  head.field("content-length", body.size());
  client.end_head(head, terms);
  own_keys(parts).blot_out(text);
  terms.status = from.status();
  BufferSequence buffers;
  buffers.add(text);
  buffers.add(body);
  if (client.send_now(buffers)) co_return true;
  co_return co_await client.send_rest(buffers);
}

}  // namespace

Task<Result<ProviderRefusal>> read_refusal(RelayParts parts, const http1::ResponseHead& from) {
  const int status = from.status();
  const SystemTime now = parts.client.worker().snapshot.server.clock.wall();
  ProviderRefusal refusal{.readable = parts.call.readable(),
                          .asked_wait = asked_wait(status, from.fields(), now)};
  if (refusal.readable) {
    auto body = co_await read_all(parts);
    const bool interrupted = parts.client.wait_point().interrupted() != Interrupt::None;
    if (!body && interrupted) co_return body.error();
    refusal.readable = body.has_value();
    if (body) refusal.body = std::move(*body);
    own_keys(parts).blot_out(refusal.body);
  }
  refusal.error = read_provider_error(status, refusal.body);
  co_return refusal;
}

RequestOutcome outcome_of(const ProviderError& error, const RelayParts& parts) {
  const bool kept = parts.kept.body.size() > 0 && error.has_words;
  return {
      .outcome = Outcome::UpstreamError,
      .status = error.status,
      .error_type = error.type.empty() ? "http_" + std::to_string(error.status) : error.type,
      .error_message = kept ? without_echo(error.message, parts.request_text()) : std::string()};
}

Answer error_answer_for(const RelayParts& parts, Dialect upstream, const ProviderError& error,
                        std::string body, ErrorTold told) {
  const bool converts = upstream != parts.terms.dialect;
  if (!converts && told == ErrorTold::Yes && !needs_other_words(parts, error, error.status)) {
    return {.status = error.status, .body = std::move(body)};
  }
  ProviderError shown = error;
  // In a converted 401 or 403 the provider's words may be about our key.
  if (error.status == 401 || error.status == 403) shown.message = redacted(shown.message);
  ErrorBody answer = error_answer(parts.terms.dialect, shown, parts.terms.request_id);
  return {.status = answer.status, .body = std::move(answer.body)};
}

RelayResult status_failed(const Provider& provider, int status, const ProviderRefusal& refusal) {
  const std::string word = std::to_string(status);
  return {
      .ended = {.outcome = Outcome::UpstreamError,
                .status = status,
                .error_type = "http_" + word,
                .error_message = "provider '" + provider.name + "' answered with status " + word},
      .failed =
          AttemptFailure{.status = refusal.decisive_status(), .retry_after = refusal.asked_wait}};
}

Task<RelayResult> relay_refusal(RelayParts parts, const http1::ResponseHead& from, Dialect upstream,
                                ProviderRefusal refusal) {
  RelayResult relayed{.ended = outcome_of(refusal.error, parts)};
  const bool same = upstream == parts.terms.dialect;
  bool sent = false;
  if (same && refusal.readable && !needs_other_words(parts, refusal.error, from.status())) {
    parts.report.relayed(refusal.body.size());
    sent = co_await send_as_it_is(parts, from, refusal.body, refusal.asked_wait);
  } else {
    Answer answer = error_answer_for(parts, upstream, refusal.error, {}, ErrorTold::No);
    relayed.ended.status = answer.status;
    add_fields(answer, from, parts);
    blot_out_keys(answer, own_keys(parts));
    parts.report.relayed(answer.body.size());
    sent = co_await parts.client.answer(answer, parts.terms);
  }
  if (!sent) relayed.ended = outcome_of(Error{}, parts.client.wait_point().interrupted());
  co_return relayed;
}

RelayResult no_answer(const RelayParts& parts, const http1::ResponseHead& from, Dialect upstream,
                      std::string body) {
  const TapFacts& seen = parts.tap.facts();
  own_keys(parts).blot_out(body);
  const ProviderError error = read_provider_error(200, body);
  if (!seen.error && !error.has_words) {
    const Error empty{ErrorKind::UpstreamRejected,
                      "provider '" + parts.call.provider().name + "': " +
                          (body.empty() ? "its answer was empty" : "its answer has nothing in it")};
    RelayResult failed = not_begun(empty, parts, AttemptFailure::Kind::FirstByteTimeout);
    if (failed.failed->kind == AttemptFailure::Kind::Reset) {
      failed.failed->kind = AttemptFailure::Kind::EmptyStream;
    }
    return failed;
  }
  const ErrorTold told = seen.error_told ? ErrorTold::Yes : ErrorTold::No;
  Answer answer = error_answer_for(parts, upstream, error, std::move(body), told);
  RelayResult relayed{.ended = outcome_of(error, parts),
                      .failed = AttemptFailure{.status = error.status},
                      .reported_status = error.status};
  relayed.ended.status = answer.status;
  add_fields(answer, from, parts);
  blot_out_keys(answer, own_keys(parts));
  relayed.answer = std::move(answer);
  return relayed;
}

}  // namespace vdm::proxy
