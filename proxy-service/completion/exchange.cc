#include "proxy-service/completion/exchange.h"

#include <functional>
#include <memory>
#include <utility>

#include "common/base/digest.h"
#include "proxy-service/completion/body_reader.h"
#include "proxy-service/completion/converted_relay.h"
#include "proxy-service/completion/error_relay.h"
#include "proxy-service/completion/large_scan.h"
#include "proxy-service/completion/stream_relay.h"
#include "proxy-service/worker/listed_models.h"

namespace vdm::proxy {

Task<void> Exchange::run() {
  if (request_.has_content_encoding) {
    const Refusal encoded{415, "invalid_request", "Content-Encoding: expected none"};
    terms_.keep_alive = false;
    co_return co_await refuse(encoded);
  }
  BodyReader reader(client_, request_, kept_.body);
  MonotonicTime body_read = begun_;  // most often it came with the head
  if (!reader.read_now()) {
    const auto unread = co_await reader.read();
    if (unread) {
      terms_.keep_alive = false;
      co_return co_await refuse(*unread);
    }
    body_read = worker_.precise_now();
  }
  // From here on the connection is read only to see whether the client leaves.
  client_.connection().keep_reading();

  Result<void> scanned;
  if (is_large(kept_.body.text())) {
    auto scan = co_await scan_large(client_, kept_.body.text());
    scanned = take_scan(std::move(scan));
  } else {
    scanned = take_scan(worker_.scanner.scan(kept_.body.text()));
  }
  if (!scanned) {
    const Refusal malformed = refusal_of(scanned.error());
    co_return co_await refuse(malformed);
  }
  const std::string& session = session_of(request_, scan_);
  const RouteHints hints{.session = session, .in_flight = worker_.in_flight};
  auto route =
      worker_.snapshot.resolver.resolve(scan_.model, request_.dialect, worker_.balancer, hints);
  if (!route) {
    const Error refusal = route.error();
    const Caller caller{request_.own, request_.dialect};
    route = co_await resolve_listed(client_, scan_.model, caller, refusal);
  }
  Result<void> askable =
      route ? leave_out_others(*route, worker_.config.providers, request_.own) : route.error();
  attempts_.begin_report(facts(route ? &route->first : nullptr), body_read);
  if (askable) {
    attempts_.start(std::move(*route), {.session = session});
    if (begin_preparing() == PreparedRequest::Step::Rewrite) askable = co_await rewrite();
  }
  if (!askable) {
    const Error why = askable.error();
    co_return co_await attempts_.reject(why);
  }
  co_await ask();
}

Result<void> Exchange::take_scan(Result<RequestScan> scan) {
  if (!scan) return scan.error();
  scan_ = std::move(*scan);
  return {};
}

FactsPtr Exchange::facts(const Target* target) const {
  const auto& facts = request_.facts;
  facts->request_id = terms_.request_id;
  facts->started_at = worker_.wall_at(begun_);
  facts->requested_model.assign(scan_.model, 0, ReportedModelBytesMax);
  if (target != nullptr) name_target(*facts, *target, worker_, request_.own);
  facts->streaming = scan_.stream;
  facts->message_count = scan_.message_count;
  facts->request_bytes = kept_.body.size();
  facts->tool_use_count = scan_.tool_use_count;
  facts->tool_result_count = scan_.tool_result_count;
  if (facts->session_id.empty()) facts->session_id = scan_.session_id;
  return facts;
}

/// Makes the request as the current target reads it.
PreparedRequest::Step Exchange::begin_preparing() {
  return kept_.prepared.begin(kept_.body.text(), scan_, request_.dialect, attempts_.target(),
                              target_facts());
}

Task<Result<void>> Exchange::rewrite() {
  Result<void> rewritten;
  const std::function<void()> work = [this, &rewritten] { rewritten = kept_.prepared.rewrite(); };
  HeavyWork& heavy = worker_.snapshot.server.heavy_work;
  const bool ran = co_await heavy.run(client_, kept_.body.size(), work);
  if (!ran) co_return Error{ErrorKind::Overloaded, no_time_for_body().message};
  co_return rewritten;
}

Task<void> Exchange::ask() {
  for (;;) {
    RelayResult relayed;
    UpstreamRequest request;
    if (attempts_.begin(relayed)) {
      if (write_request(request, relayed)) {
        const auto answer = co_await attempts_.open_call().exchange(request, attempts_.report());
        if (attempts_.answered(answer, relayed)) co_await take_answer(relayed);
      }
      attempts_.end(relayed);
    }
    const bool waited = attempts_.goes_on() && co_await attempts_.pause(relayed);
    const bool again = waited && co_await take_step();
    if (again) continue;
    if (attempts_.client_waits(relayed)) co_await attempts_.answer_client(relayed);
    co_return attempts_.finish(relayed);
  }
}

SessionField Exchange::session_field() const {
  constexpr std::size_t Digits = 32;
  const std::string& session = session_of(request_, scan_);
  if (session.empty()) return {};
  const std::string_view name = target_facts().session_header(attempts_.target());
  if (name.empty()) return {};
  // The provider needs the same value each time, not the client's own name for its session.
  return {name, hex_prefix(sha256(session), Digits)};
}

bool Exchange::write_request(UpstreamRequest& request, RelayResult& relayed) {
  const SessionField session = session_field();
  const auto head =
      request_.upstream_head.write(attempts_.provider(), attempts_.door(), attempts_.key(),
                                   request_, kept_.prepared.size(), session);
  if (!head) {
    attempts_.give_up(refusal_of(head.error()), relayed);
    return false;
  }
  request.buffers.add(*head);
  kept_.prepared.add_to(request.buffers);
  return true;
}

/// Moves to the next key or target. False when no further target can take this request.
Task<bool> Exchange::take_step() {
  const NextStep step = attempts_.next();
  if (!attempts_.take_step()) co_return false;
  if (step == NextStep::Adapted) adapted_ = true;
  if (step != NextStep::Adapted && step != NextStep::NextTarget) co_return true;
  for (;;) {
    Result<void> ready;
    if (begin_preparing() == PreparedRequest::Step::Rewrite) ready = co_await rewrite();
    if (ready) break;
    if (step == NextStep::Adapted) co_return false;
    // A request that cannot be converted for a target skips that target: the client made no
    // mistake.
    if (!attempts_.take_next_target()) co_return false;
  }
  if (step == NextStep::NextTarget) attempts_.update_report(kept_.body.size());
  co_return true;
}

/// Passes the answer on. An answer that goes through as it came, like most, needs no other task.
Task<void> Exchange::take_answer(RelayResult& relayed) {
  if (attempts_.status() >= 300) return refused(relayed);
  UpstreamCall& call = attempts_.call();
  answered_at_ = worker_.now;
  answer_.reset();
  if (!call.readable()) return relay(relayed);
  // White space is a sign of life, which a client that gets the very bytes can use, too.
  answer_.emplace(call, passes_as_it_is() ? 0 : AnswerStart::blank_bytes_max);
  const bool is_whole = answer_->known() && answer_->form() == AnswerForm::Whole;
  if (!is_whole || !passes_as_it_is()) return relay(relayed);
  return relay_whole(relay_parts(), call.head(), attempts_.target().dialect, answer_->bytes(),
                     relayed);
}

/// Finds out what the answer is, by its first bytes, and relays it in the form that was asked for.
Task<void> Exchange::relay(RelayResult& relayed) {
  const RelayParts parts = relay_parts();
  const http1::ResponseHead& head = parts.call.head();
  if (!answer_) {
    relayed = unusable(parts, "its answer is compressed in a way that was not asked for");
    co_return;
  }
  if (!answer_->known()) {
    const auto read = co_await answer_->read_on();
    if (!read) {
      relayed = not_begun(read.error(), parts, answer_->late_kind());
      co_return;
    }
  }
  const AnswerForm form = answer_->form();
  const std::span<char> begin = answer_->bytes();
  if (form == AnswerForm::Page) {
    relayed = unusable(parts, "it sent a web page");
  } else if (form == AnswerForm::Stream && scan_.stream) {
    relayed = co_await relay_stream(begin);
  } else if (form == AnswerForm::Whole && passes_as_it_is()) {
    co_await relay_whole(parts, head, attempts_.target().dialect, begin, relayed);
  } else {
    const Conversion how = conversion();
    relayed = co_await relay_converted(parts, head, how, form, begin);
  }
}

/// Reads an error answer, and decides by what it says.
Task<void> Exchange::refused(RelayResult& relayed) {
  const RelayParts parts = relay_parts();
  auto refusal = co_await attempts_.read_refusal(parts, relayed);
  if (!refusal || adapts(refusal->body, relayed)) co_return;
  if (attempts_.goes_on_after(*refusal, relayed)) co_return;
  const std::string near_miss =
      attempts_.status() == 404 ? worker_.snapshot.resolver.near_miss(scan_.model) : std::string();
  if (!near_miss.empty()) {
    refusal->error.message.append("; did you mean ").append(near_miss).append("?");
    refusal->readable = false;  // its own bytes do not say it
  }
  relayed = co_await relay_refusal(parts, parts.call.head(), attempts_.target().dialect,
                                   std::move(*refusal));
}

Conversion Exchange::conversion() {
  std::string id = request_.dialect == Dialect::Anthropic ? "msg_" : "chatcmpl-";
  worker_.append_trace_id(id);
  std::optional<UsageChunk> as_stream;
  if (scan_.stream) as_stream = usage_chunk();
  return {.upstream = attempts_.target().dialect,
          .request = kept_.prepared,
          .id = std::move(id),
          .model = scan_.model,
          .created = std::chrono::duration_cast<std::chrono::seconds>(
                         attempts_.report().facts().started_at.time_since_epoch())
                         .count(),
          .stream = as_stream};
}

UsageChunk Exchange::usage_chunk() const {
  const bool hidden = request_.dialect == Dialect::OpenAi && !scan_.include_usage;
  return hidden ? UsageChunk::Hide : UsageChunk::Show;
}

Task<RelayResult> Exchange::relay_stream(std::span<char> begin) {
  StreamRelay::Options how{.upstream = attempts_.target().dialect,
                           .usage_chunk = usage_chunk(),
                           .begin = attempts_.has_next_target() ? StreamRelay::Begin::WithToken
                                                                : StreamRelay::Begin::AtOnce,
                           .since = answered_at_};
  std::optional<Conversion> converts;
  if (kept_.prepared.converted()) how.conversion = &converts.emplace(conversion());
  StreamRelay stream(relay_parts(), how);
  co_return co_await stream.run(attempts_.call().head(), begin);
}

}  // namespace vdm::proxy
