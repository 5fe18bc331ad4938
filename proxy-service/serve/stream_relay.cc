#include "proxy-service/serve/stream_relay.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vdm::proxy {
namespace {

// A provider that has said its last word may still keep the connection open.
constexpr std::chrono::seconds AfterTerminal{2};

const Error TooLarge{ErrorKind::UpstreamRejected, "an event of the stream is too large"};

/// The status that says what a stream's error event says.
int status_of(std::string_view error_type) {
  if (error_type == "overloaded_error") return 529;
  if (error_type == "rate_limit_error" || error_type == "rate_limit_exceeded") return 429;
  if (error_type == "invalid_request_error") return 400;
  if (error_type == "authentication_error") return 401;
  if (error_type == "permission_error") return 403;
  if (error_type == "not_found_error") return 404;
  if (error_type == "request_too_large") return 413;
  if (error_type == "timeout_error") return 504;
  return 502;
}

}  // namespace

StreamRelay::StreamRelay(RelayParts parts, UsageChunk usage_chunk)
    : parts_(parts),
      usage_chunk_(usage_chunk),
      head_(parts.client.head_text()),
      framer_(parts.client.lane().config.limits.event_bytes_max),
      whole_until_(parts.client.lane().now + parts.call.timeouts().whole_stream) {}

void StreamRelay::set_deadline() {
  const MonotonicTime now = parts_.client.lane().now;
  const MonotonicTime::duration idle =
      terminal_ ? MonotonicTime::duration(AfterTerminal) : parts_.call.timeouts().stream_idle;
  parts_.client.waiting().set_deadline(std::min(now + idle, whole_until_));
}

Ending StreamRelay::complete() const {
  const TapFacts& seen = parts_.tap.facts();
  if (!seen.error) return {.outcome = Outcome::Ok, .status = 200};
  // The message may repeat the request, which is no longer there to compare it with.
  return {.outcome = Outcome::UpstreamError,
          .status = 200,
          .error_type = seen.error_type.empty() ? "stream_error" : seen.error_type};
}

StreamRelay::Cut StreamRelay::cut(std::span<char> bytes) {
  std::size_t read = 0;
  std::size_t kept = 0;
  Cut result;
  for (;;) {
    const std::string_view ahead(bytes.data() + read, bytes.size() - read);
    const auto size = framer_.next(ahead);
    result.malformed = !size;
    if (!size || *size == 0) break;
    const std::string_view event = ahead.substr(0, *size);
    const Seen seen = parts_.tap.event(event);
    if (seen.first_token) parts_.report.first_token();
    if (seen.terminal) terminal_ = true;
    if (seen.error) {
      error_relayed_ = true;
      if (!sent_any_ && kept == 0) first_error_ = event;
    }
    if (!seen.usage_only || usage_chunk_ == UsageChunk::Show) {
      if (kept != read) std::memmove(bytes.data() + kept, event.data(), event.size());
      kept += event.size();
    }
    read += *size;
  }
  result.relay = bytes.subspan(0, kept);
  result.rest = bytes.subspan(read);
  return result;
}

Task<bool> StreamRelay::send(std::string_view events, Last last) {
  Client& client = parts_.client;
  Pieces pieces;
  if (!std::exchange(sent_any_, true)) {
    parts_.terms.begun = true;
    pieces.add(head_);
  }
  const http1::ChunkLine line(events.size());
  if (!events.empty()) {
    if (chunked_) pieces.add(line.text());
    pieces.add(events);
    if (chunked_) pieces.add(http1::ChunkEnd);
  }
  if (last == Last::Yes) {
    last_sent_ = true;
    if (chunked_) pieces.add(http1::LastChunk);
  }
  parts_.report.relayed(events.size());
  if (client.send_now(pieces)) co_return true;
  if (last == Last::Yes) parts_.report.draining();
  co_return co_await client.send_rest(pieces);
}

Task<Ending> StreamRelay::run(const http1::ResponseHead& from) {
  auto& [client, terms, call, tap, report] = parts_;
  chunked_ = terms.minor_version == 1;
  if (!chunked_ || client.lane().draining) terms.keep_alive = false;
  http1::HeadWriter head(head_);
  append_head(head, from);
  if (chunked_) head.field("transfer-encoding", "chunked");
  client.end_head(head, terms);

  for (;;) {
    set_deadline();
    const auto payload = co_await call.body();
    if (!payload) co_return co_await broken(payload.error());
    if (payload->empty()) co_return co_await end_of_stream();

    const bool from_held = !held_.empty();
    if (from_held) held_.append(payload->data(), payload->size());
    const Cut now = cut(from_held ? std::span<char>(held_) : *payload);
    if (!first_error_.empty()) co_return co_await first_event_failed();
    // What is left lies where other connections read to: kept before any wait.
    const std::size_t rest = now.rest.size();
    if (!from_held) held_.assign(now.rest.data(), rest);
    if (!now.relay.empty()) {
      const bool last = call.body_done() && rest == 0 && is_complete();
      const bool sent =
          co_await send({now.relay.data(), now.relay.size()}, last ? Last::Yes : Last::No);
      if (!sent) co_return client_left();
    }
    if (from_held) held_.erase(0, held_.size() - rest);
    if (now.malformed) co_return co_await broken(TooLarge);
  }
}

/// The stream has said all that its dialect wants said.
bool StreamRelay::is_complete() const {
  if (terminal_ || error_relayed_) return true;
  // Some providers that speak OpenAI's dialect leave out [DONE].
  return parts_.terms.dialect == Dialect::OpenAi && !parts_.tap.facts().finish_reason.empty();
}

Ending StreamRelay::client_left() const {
  if (terminal_) return complete();
  return ending_of(Error{}, parts_.client.waiting().interrupted());
}

Task<Ending> StreamRelay::end_of_stream() {
  if (!held_.empty()) {
    // The last event came without its blank line; the stream's end ends it, too.
    held_.append("\n\n");
    const Cut last = cut(held_);
    if (!first_error_.empty()) co_return co_await first_event_failed();
    const bool sent = co_await send({last.relay.data(), last.relay.size()}, Last::No);
    if (!sent) co_return client_left();
  }
  if (!is_complete()) {
    const Error cut_short{ErrorKind::UpstreamRejected,
                          sent_any_ ? "the provider's stream ended before it was complete"
                                    : "the provider's stream was empty"};
    co_return co_await broken(cut_short);
  }
  const bool sent = last_sent_ || co_await send({}, Last::Yes);
  if (!sent) co_return client_left();
  parts_.call.finish();
  co_return complete();
}

Task<Ending> StreamRelay::broken(const Error& error) {
  Ending ending = ending_of(error, parts_.client.waiting().interrupted());
  // Nothing has been said yet: there is still a status to say it with.
  if (!sent_any_) co_return ending;
  parts_.terms.keep_alive = false;
  if (ending.outcome == Outcome::ClientCancelled) co_return client_left();
  ending.status = 200;  // what the client was told
  std::string event;
  if (!is_complete()) {
    Failure failure = failure_of(error);
    event = error_event(parts_.terms.dialect, failure, parts_.terms.request_id);
  }
  if (!last_sent_) co_await send(event, Last::Yes);
  co_return is_complete() ? complete() : ending;
}

/// A stream that begins with an error is an error: it gets the status it means.
Task<Ending> StreamRelay::first_event_failed() {
  std::string joined;
  const SseFields fields = read_sse_event(first_error_, joined);
  const TapFacts& seen = parts_.tap.facts();
  const Answer answer{.status = status_of(seen.error_type), .body = std::string(fields.data)};
  co_await parts_.client.answer(answer, parts_.terms);
  Ending ending = complete();
  ending.status = answer.status;
  co_return ending;
}

}  // namespace vdm::proxy
