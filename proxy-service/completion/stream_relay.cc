#include "proxy-service/completion/stream_relay.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "proxy-service/completion/error_relay.h"

namespace vdm::proxy {
namespace {

// How long a provider may keep its connection open after the end of its stream.
constexpr std::chrono::seconds AfterTerminal{2};
constexpr std::string_view AnthropicPing = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
constexpr std::string_view OpenAiPing = ": keep-alive\n\n";
constexpr std::string_view AnthropicStop =
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
// How much may be held back until the first token; beyond that it is sent without one.
constexpr std::size_t PendingMax = 64 * 1024;

}  // namespace

StreamRelay::StreamRelay(RelayParts parts, const Options& options)
    : parts_(parts),
      options_(options),
      head_(parts.client.head_text()),
      framer_(parts.client.worker().config.limits.event_bytes_max),
      whole_until_(options.since + parts.call.timeouts().whole_stream),
      token_until_(options.since + parts.call.timeouts().first_token),
      hold_(options.begin == Begin::WithToken) {
  if (options.conversion == nullptr) return;
  const Conversion& how = *options.conversion;
  StreamOptions stream{.message_id = how.id,
                       .created = how.created,
                       .model = std::string(how.model),
                       .input_estimate = how.request.input_estimate(),
                       .include_usage = options.usage_chunk == UsageChunk::Show,
                       .request_id = parts.terms.request_id,
                       .tool_names = how.request.tool_names()};
  converter_.emplace(how.upstream, std::move(stream), parts.client.worker().indexer);
}

void StreamRelay::got_bytes() {
  const MonotonicTime now = parts_.client.worker().now;
  const bool said_all = terminal_ || last_word_;
  const MonotonicTime::duration idle =
      said_all ? MonotonicTime::duration(AfterTerminal) : parts_.call.timeouts().stream_idle;
  idle_until_ = std::min(now + idle, whole_until_);
}

void StreamRelay::set_deadline() {
  MonotonicTime until = idle_until_;
  if (!token_seen_) until = std::min(until, token_until_);
  if (sent_any_ && !last_sent_) {
    until = std::min(until, last_sent_at_ + parts_.client.worker().config.timeouts.keep_alive_ping);
  }
  parts_.client.wait_point().set_deadline(until);
}

bool StreamRelay::pauses(const Error& error) const {
  const MonotonicTime now = parts_.client.worker().now;
  const bool late = now >= idle_until_ || (!token_seen_ && now >= token_until_);
  return error.kind == ErrorKind::UpstreamTimeout && !late && sent_any_ && !last_sent_ &&
         parts_.client.wait_point().interrupted() == Interrupt::None;
}

RequestOutcome StreamRelay::complete() const {
  const TapFacts& seen = parts_.tap.facts();
  if (!seen.error) return {.outcome = Outcome::Ok, .status = 200};
  // Leave out its message: it may repeat the request, whose text is freed by now.
  return {.outcome = Outcome::UpstreamError,
          .status = 200,
          .error_type = seen.error_type.empty() ? "stream_error" : seen.error_type};
}

/// Converts one event. False: the relay reads no further events.
bool StreamRelay::convert(std::string_view event, Cut& result) {
  std::string& out = parts_.client.worker().converted;
  const StreamStep step = converter_->push(event, out);
  result.violation = step.violation;
  if (step.ended) terminal_ = true;
  last_word_ = last_word_ || step.last_word;
  if (step.error) {
    parts_.client.worker().snapshot.own_keys.blot_out(out);
    note_error(event, step.error->status, Words::Ours);
  }
  return step.violation.empty() && !step.error;
}

void StreamRelay::note_error(std::string_view event, int status, Words words) {
  if (std::exchange(error_relayed_, true)) return;
  std::string joined;
  const SseFields fields = read_sse_event(event, joined);
  const ProviderError error = read_provider_error(status, fields.data);
  reported_status_ = error.status;
  const ErrorTold told = words == Words::Theirs ? ErrorTold::Yes : ErrorTold::No;
  Answer answer =
      error_answer_for(parts_, options_.upstream, error, std::string(fields.data), told);
  if (!sent_any_ && !token_seen_) {
    first_outcome_ = outcome_of(error, parts_);
    first_outcome_.status = answer.status;
    first_error_ = std::move(answer);
  } else if (!converter_ && words == Words::Ours) {
    own_error_ = parts_.terms.dialect == Dialect::Anthropic ? "event: error\n" : "";
    own_error_.append("data: ").append(answer.body).append("\n\n");
  }
}

bool StreamRelay::take(std::string_view event, Cut& result, std::span<char> bytes,
                       std::size_t& kept) {
  const Seen seen = parts_.tap.event(event);
  if (seen.error) {
    const auto at = static_cast<std::size_t>(event.data() - bytes.data());
    parts_.client.worker().snapshot.own_keys.blot_out(bytes.subspan(at, event.size()));
  }
  if (seen.first_token) {
    token_seen_ = true;
    parts_.report.first_token();
    parts_.permit.report(CallResult::Succeeded);
  }
  if (converter_) return convert(event, result);
  if (parts_.tap.facts().malformed && !seen.error) {
    result.violation = "an event of the provider's stream is not a JSON object";
    return false;
  }
  if (seen.terminal && parts_.tap.facts().nothing()) {
    result.violation = "the provider's answer was empty";
    return false;
  }
  if (seen.terminal) terminal_ = true;
  if (seen.error) note_error(event, 200, seen.error_told ? Words::Theirs : Words::Ours);
  if (!seen.usage_only || options_.usage_chunk == UsageChunk::Show) {
    if (bytes.data() + kept != event.data()) {
      std::memmove(bytes.data() + kept, event.data(), event.size());
    }
    kept += event.size();
  }
  return own_error_.empty();
}

StreamRelay::Cut StreamRelay::cut(std::span<char> bytes) {
  std::size_t read = 0;
  std::size_t kept = 0;
  Cut result;
  std::string& converted = parts_.client.worker().converted;
  converted.clear();
  for (bool more = true; more;) {
    const std::string_view ahead(bytes.data() + read, bytes.size() - read);
    const auto size = framer_.next(ahead);
    if (!size) result.violation = "an event of the stream is too large";
    if (!size || *size == 0) break;
    more = take(ahead.substr(0, *size), result, bytes, kept);
    read += *size;
  }
  result.relay = converter_ ? std::string_view(converted) : std::string_view(bytes.data(), kept);
  result.rest = bytes.size() - read;
  return result;
}

std::string_view StreamRelay::released(std::string_view events) {
  if (!hold_) return events;
  pending_.append(events);
  if (!token_seen_ && !is_complete() && pending_.size() < PendingMax) return {};
  hold_ = false;
  return pending_;
}

Task<bool> StreamRelay::send(std::string_view events, Last last) {
  ClientConnection& client = parts_.client;
  BufferSequence buffers;
  if (!std::exchange(sent_any_, true)) {
    parts_.terms.status = 200;
    parts_.kept.release();
    buffers.add(head_);
  }
  last_sent_at_ = client.worker().now;
  const http1::ChunkLine line(events.size());
  if (!events.empty()) {
    if (chunked_) buffers.add(line.text());
    buffers.add(events);
    if (chunked_) buffers.add(http1::ChunkEnd);
  }
  if (last == Last::Yes) {
    last_sent_ = true;
    if (chunked_) buffers.add(http1::LastChunk);
  }
  parts_.report.relayed(events.size());
  parts_.terms.takes_event = false;  // while part of an event may have gone
  bool sent = client.send_now(buffers);
  if (!sent) {
    if (last == Last::Yes) parts_.report.draining();
    sent = co_await client.send_rest(buffers);
  }
  parts_.terms.takes_event = sent && last == Last::No && !is_complete();
  co_return sent;
}

void StreamRelay::begin_head(const http1::ResponseHead& from) {
  ReplyTerms& terms = parts_.terms;
  chunked_ = terms.minor_version == 1;
  if (!chunked_ || parts_.client.worker().draining) terms.keep_alive = false;
  http1::HeadWriter head(head_);
  if (converter_) {
    append_converted_head(head, from, terms);
  } else {
    const auto label = from.fields().get(http1::FieldName::ContentType).value_or("");
    const bool labelled = http1::equal_ignoring_case(label.substr(0, 17), "text/event-stream");
    append_head(head, from, terms, parts_.client.worker().snapshot.passed_fields,
                labelled ? std::string_view() : EventStream);
  }
  if (chunked_) head.field("transfer-encoding", "chunked");
  parts_.client.end_head(head, terms);
}

Task<RelayResult> StreamRelay::run(const http1::ResponseHead& from, std::span<char> begin) {
  auto& [client, terms, call, tap, report, permit, kept, model_token] = parts_;
  begin_head(from);
  got_bytes();
  Result<std::span<char>> payload = begin;
  bool has_begin = !begin.empty();
  for (;;) {
    if (!std::exchange(has_begin, false)) {
      set_deadline();
      payload = co_await call.body();
    }
    if (!payload) {
      if (!pauses(payload.error())) co_return co_await broken(payload.error());
      const bool alive =
          co_await send(terms.dialect == Dialect::Anthropic ? AnthropicPing : OpenAiPing, Last::No);
      if (!alive) co_return finished(client_left());
      continue;
    }
    if (payload->empty()) co_return co_await end_of_stream();
    got_bytes();

    const bool from_held = !held_.empty();
    if (from_held) held_.append(payload->data(), payload->size());
    const std::span<char> bytes = from_held ? std::span<char>(held_) : *payload;
    const Cut now = cut(bytes);
    if (first_error_) co_return first_event_failed();
    // The rest lies in a buffer that other connections read into: copy it before any wait.
    if (!from_held) held_.assign(bytes.data() + bytes.size() - now.rest, now.rest);
    const std::string_view relay = released(now.relay);
    if (!relay.empty()) {
      const bool whole = call.body_done() && now.rest == 0 && is_complete();
      const bool last = whole && own_error_.empty() && !lacks_stop();
      const bool sent = co_await send(relay, last ? Last::Yes : Last::No);
      if (!sent) co_return finished(client_left());
      pending_.clear();
    }
    if (from_held) held_.erase(0, held_.size() - now.rest);
    if (!now.violation.empty()) {
      const Error fault{ErrorKind::UpstreamRejected, std::string(now.violation)};
      co_return co_await broken(fault);
    }
    // After an error the client gets no further events, whatever the provider sends.
    if ((converter_ || !own_error_.empty()) && error_relayed_) co_return co_await end_of_stream();
  }
}

/// Whether the stream has brought all that its dialect asks for.
bool StreamRelay::is_complete() const {
  if (terminal_ || error_relayed_) return true;
  // Some providers leave out [DONE] or message_stop.
  return !converter_ && !parts_.tap.facts().finish_reason.empty();
}

bool StreamRelay::lacks_stop() const {
  return !converter_ && options_.upstream == Dialect::Anthropic && !terminal_ && !error_relayed_ &&
         is_complete();
}

RequestOutcome StreamRelay::client_left() const {
  if (terminal_) return complete();
  return outcome_of(Error{}, parts_.client.wait_point().interrupted());
}

Task<RelayResult> StreamRelay::end_of_stream() {
  if (!held_.empty() && !error_relayed_) {
    // The last event has no blank line behind it; the end of the stream completes it.
    held_.append("\n\n");
    const Cut last = cut(held_);
    if (first_error_) co_return first_event_failed();
    // An incomplete event must not reach the client: it would only confuse its parser.
    if (converter_ || is_complete()) pending_.append(last.relay);
  }
  if (converter_ && !error_relayed_ && !terminal_) {
    if (converter_->finish(pending_)) terminal_ = true;
  }
  if (lacks_stop()) pending_.append(AnthropicStop);
  pending_.append(own_error_);
  if (!is_complete()) {
    const bool any = sent_any_ || !pending_.empty();
    const Error cut_short{ErrorKind::UpstreamRejected,
                          any ? "the provider's stream ended before it was complete"
                              : "the provider's stream was empty"};
    if (any && !hold_ && !pending_.empty()) {
      const bool sent = co_await send(pending_, Last::No);
      if (!sent) co_return finished(client_left());
    }
    RelayResult relayed = co_await broken(cut_short);
    if (relayed.failed && relayed.failed->kind == AttemptFailure::Kind::Reset && !any) {
      relayed.failed->kind = AttemptFailure::Kind::EmptyStream;
    }
    co_return relayed;
  }
  const bool sent = last_sent_ || co_await send(pending_, Last::Yes);
  if (!sent) co_return finished(client_left());
  parts_.call.finish();
  co_return finished(complete());
}

Task<RelayResult> StreamRelay::broken(const Error& error) {
  // The client has no byte yet, so the error can still be a status.
  if (!sent_any_) co_return not_begun(error, parts_, AttemptFailure::Kind::FirstTokenTimeout);
  RequestOutcome ended = outcome_of(error, parts_.client.wait_point().interrupted());
  if (ended.outcome == Outcome::ClientCancelled) co_return finished(client_left());
  ended.status = 200;  // the status that the client has
  std::string event;
  // The stream may have been complete but for its formal end.
  if (converter_ && !is_complete() && converter_->finish(event)) terminal_ = true;
  if (lacks_stop()) event = AnthropicStop;
  if (!is_complete()) {
    const Refusal refusal = refusal_of(error);
    event = error_event(parts_.terms.dialect, refusal, parts_.terms.request_id);
  }
  if (!last_sent_) co_await send(event, Last::Yes);
  co_return finished(is_complete() ? complete() : std::move(ended));
}

/// A stream that begins with an error becomes an error answer with the status it stands for.
RelayResult StreamRelay::first_event_failed() {
  RelayResult relayed = finished(std::move(first_outcome_));
  relayed.failed = AttemptFailure{.status = reported_status_};
  relayed.answer = std::move(first_error_);
  return relayed;
}

}  // namespace vdm::proxy
