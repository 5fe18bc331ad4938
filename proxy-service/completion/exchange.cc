#include "proxy-service/completion/exchange.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "proxy-service/completion/answer_start.h"
#include "proxy-service/completion/converted_relay.h"
#include "proxy-service/completion/error_relay.h"
#include "proxy-service/completion/stream_relay.h"
#include "proxy-service/upstream/wait_error.h"
#include "proxy-service/worker/listed_models.h"
#include "proxy-service/worker/rejection.h"

namespace vdm::proxy {
namespace {

/// The request's JSON without the model's name, since reports show that name anyway.
std::array<std::string_view, 2> around(std::string_view body, ByteRange model_token) {
  return {body.substr(0, model_token.begin), body.substr(model_token.begin + model_token.size)};
}

}  // namespace

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

  auto scan = worker_.scanner.scan(kept_.body.text());
  if (!scan) {
    const Refusal malformed = refusal_of(scan.error());
    co_return co_await refuse(malformed);
  }
  scan_ = std::move(*scan);
  const std::string& session = request_.session_id.empty() ? scan_.session_id : request_.session_id;
  const RouteHints hints{.session = session, .in_flight = worker_.in_flight};
  auto route =
      worker_.snapshot.resolver.resolve(scan_.model, request_.dialect, worker_.balancer, hints);
  if (!route) {
    const Error refusal = route.error();
    const Caller caller{request_.own, request_.dialect};
    route = co_await resolve_listed(client_, scan_.model, caller, refusal);
  }
  const Result<void> askable =
      route ? leave_out_others(*route, worker_.config.providers, request_.own) : route.error();
  report_.emplace(worker_, facts(route ? &route->first : nullptr), begun_, body_read,
                  client_.wait_point(), terms_);
  if (!askable) {
    const Error why = askable.error();
    co_return co_await reject(why);
  }
  route_ = std::move(*route);
  if (const auto prepared = prepare(); !prepared) {
    const Error why = prepared.error();
    co_return co_await reject(why);
  }
  co_await forward();
}

/// Ends a request that the proxy itself refuses before it asks any provider.
Task<void> Exchange::reject(const Error& why) {
  RequestOutcome rejected = co_await refuse(why);
  rejected.outcome = Outcome::Rejected;
  report_->finish(rejected);
}

FactsPtr Exchange::facts(const Target* target) const {
  const auto facts = std::make_shared<RequestFacts>();
  facts->request_id = terms_.request_id;
  facts->started_at = worker_.wall_at(begun_);
  request_.describe(*facts);
  facts->requested_model = scan_.model.substr(0, ReportedModelBytesMax);
  if (target != nullptr) name_target(*facts, *target, worker_, request_.own);
  facts->streaming = scan_.stream;
  facts->message_count = scan_.message_count;
  facts->request_bytes = kept_.body.size();
  facts->tool_use_count = scan_.tool_use_count;
  facts->tool_result_count = scan_.tool_result_count;
  if (facts->session_id.empty()) facts->session_id = scan_.session_id;
  return facts;
}

Result<void> Exchange::prepare() {
  tried_keys_ = {};
  state_.retries = 0;
  key_ = 0;
  keys_cool_down_ = !take_key() && worker_.key_rings[target().provider].size() > 0;
  return prepare_request();
}

Result<void> Exchange::prepare_request() {
  return kept_.prepared.prepare(kept_.body.text(), scan_, request_.dialect, target(),
                                target_facts());
}

Task<void> Exchange::forward() {
  worker_.retry_budget.request();
  for (;; ++state_.attempts) {
    next_ = {};
    RelayResult relayed;
    co_await attempt(relayed);
    if (next_.step == NextStep::GiveUp) co_return co_await conclude(relayed);

    report_->attempt_failed(relayed.ended.error_type);
    upstream_.reset();  // the failed answer is not read any further
    const bool waited = next_.after.count() == 0 || co_await pause(next_.after);
    if (!waited) {
      relayed.failed->kind = AttemptFailure::Kind::Interrupted;
      relayed.answer.reset();
      const Error why = wait_error(client_.wait_point(), provider(), "");
      relayed.ended = outcome_of(why, client_.wait_point().interrupted());
      co_return co_await conclude(relayed);
    }
    if (!take_step(next_.step)) co_return co_await conclude(relayed);
  }
}

/// Makes one attempt, and decides what follows it.
Task<void> Exchange::attempt(RelayResult& relayed) {
  terms_.asked = {provider().name,
                  std::string_view(target().model).substr(0, ReportedModelBytesMax)};
  if (keys_cool_down_) {
    relayed = not_tried("keys_rest", "all of its keys are in cooldown");
    co_return;
  }
  permit_.emplace(worker_, target().provider);
  if (!permit_->given()) {
    permit_.reset();
    relayed = not_tried("breaker_open", "it fails most requests and is tried again shortly");
    co_return;
  }
  const bool answered = co_await send(relayed);
  if (answered && status_ < 300) co_await relay(relayed);
  if (answered && status_ >= 300) relayed = co_await refused();
  const bool failed =
      relayed.ended.outcome == Outcome::UpstreamError || relayed.ended.outcome == Outcome::Timeout;
  if (relayed.reported_status != 0) {
    // An error in a 200 affects the key and the breaker as its status would.
    apply_status(relayed.reported_status, std::nullopt);
    if (result_of(relayed.reported_status) == CallResult::Failed) permit_->report_broken();
  } else if (status_ < 400 && failed) {
    permit_->report_broken();
  }
  decide(relayed);
  if (relayed.ended.outcome == Outcome::Ok) permit_->report(CallResult::Succeeded);
  permit_.reset();
}

/// Asks the provider. Whether it has answered; if not, `failed` says why.
Task<bool> Exchange::send(RelayResult& failed) {
  status_ = 0;
  const auto head =
      request_.upstream_head.write(provider(), door(), key_, request_, kept_.prepared.size());
  if (!head) {
    permit_->report(CallResult::Neither);
    const Refusal refusal = refusal_of(head.error());
    failed = rejected(refusal, terms_);
    co_return false;
  }
  UpstreamRequest request;
  request.buffers.add(*head);
  kept_.prepared.add_to(request.buffers);

  const UpstreamTimeouts timeouts = timeouts_of(provider(), route_.terms);
  upstream_.emplace(worker_.pool(target().provider, target().dialect), timeouts,
                    client_.wait_point(), worker_.now);
  const auto answer = co_await upstream_->exchange(request, *report_);
  if (!answer) {
    failed.ended = outcome_of(answer.error(), client_.wait_point().interrupted());
    failed.failed = AttemptFailure{.kind = upstream_->failure_kind()};
    co_return false;
  }
  status_ = (*answer)->status();
  answered_at_ = worker_.now;
  tap_.emplace(target().dialect, worker_.indexer, target().model);
  report_->answered(status_, *tap_);
  co_return true;
}

/// Reads an error answer, and decides by what it says: the result to retry with, or the answer's.
Task<RelayResult> Exchange::refused() {
  if (status_ < 400) {
    const Error redirect{ErrorKind::UpstreamRejected, "the provider answered with a redirect"};
    co_return RelayResult{.ended = outcome_of(redirect, client_.wait_point().interrupted())};
  }
  upstream_->keep_head();
  const http1::ResponseHead& head = upstream_->head();
  const RelayParts parts = relay_parts();
  auto refusal = co_await read_refusal(parts, head);
  if (!refusal) {
    co_return not_begun(refusal.error(), parts, AttemptFailure::Kind::FirstByteTimeout);
  }
  apply_status(refusal->decisive_status(), refusal->asked_wait);
  if (auto adapted = adapt(refusal->body)) co_return std::move(*adapted);
  RelayResult failed = status_failed(provider(), status_, *refusal);
  decide(failed);
  if (next_.step != NextStep::GiveUp) co_return failed;
  const std::string near_miss =
      status_ == 404 ? worker_.snapshot.resolver.near_miss(scan_.model) : std::string();
  if (!near_miss.empty()) {
    refusal->error.message.append("; did you mean ").append(near_miss).append("?");
    refusal->readable = false;  // its own bytes do not say it
  }
  co_return co_await relay_refusal(parts, head, target().dialect, std::move(*refusal));
}

/// Finds out what the answer is, by its first bytes, and relays it in the form that was asked for.
Task<void> Exchange::relay(RelayResult& relayed) {
  const http1::ResponseHead& head = upstream_->head();
  const RelayParts parts = relay_parts();
  if (!upstream_->readable()) {
    relayed = unusable(parts, "its answer is compressed in a way that was not asked for");
    co_return;
  }
  // White space is a sign of life, which a client that gets the very bytes can use, too.
  const bool same_bytes = !scan_.stream && !kept_.prepared.converted();
  AnswerStart start(*upstream_, head, same_bytes ? 0 : AnswerStart::blank_bytes_max);
  if (!start.known()) {
    const auto read = co_await start.read_on();
    if (!read) {
      relayed = not_begun(read.error(), parts, start.late_kind());
      co_return;
    }
  }
  const AnswerForm form = start.form();
  if (form == AnswerForm::Page) {
    relayed = unusable(parts, "it sent a web page");
  } else if (form == AnswerForm::Stream && scan_.stream) {
    relayed = co_await relay_stream(parts, head, start.bytes());
  } else if (form == AnswerForm::Whole && same_bytes) {
    relayed = co_await relay_whole(parts, head, target().dialect, start.bytes());
  } else {
    const Conversion how = conversion();
    relayed = co_await relay_converted(parts, head, how, form, start.bytes());
  }
}

RelayParts Exchange::relay_parts() {
  // An error's message may repeat the request: the report leaves such parts out.
  request_text_ = around(kept_.body.text(), scan_.model_token);
  return {client_, terms_, *upstream_, *tap_, *report_, *permit_, kept_, request_text_};
}

Conversion Exchange::conversion() {
  const bool anthropic = request_.dialect == Dialect::Anthropic;
  std::optional<UsageChunk> as_stream;
  if (scan_.stream) as_stream = usage_chunk();
  return {.upstream = target().dialect,
          .request = kept_.prepared,
          .id = (anthropic ? "msg_" : "chatcmpl-") + worker_.new_trace_id(),
          .model = scan_.model,
          .created = std::chrono::duration_cast<std::chrono::seconds>(
                         report_->facts().started_at.time_since_epoch())
                         .count(),
          .stream = as_stream};
}

UsageChunk Exchange::usage_chunk() const {
  const bool hidden = request_.dialect == Dialect::OpenAi && !scan_.include_usage;
  return hidden ? UsageChunk::Hide : UsageChunk::Show;
}

Task<RelayResult> Exchange::relay_stream(RelayParts parts, const http1::ResponseHead& head,
                                         std::span<char> begin) {
  StreamRelay::Options how{
      .upstream = target().dialect,
      .usage_chunk = usage_chunk(),
      .begin = has_next_target() ? StreamRelay::Begin::WithToken : StreamRelay::Begin::AtOnce,
      .since = answered_at_};
  std::optional<Conversion> converts;
  if (kept_.prepared.converted()) how.conversion = &converts.emplace(conversion());
  StreamRelay stream(parts, how);
  co_return co_await stream.run(head, begin);
}

/// Answers the client unless its answer has begun, and closes the report.
Task<void> Exchange::conclude(RelayResult& relayed) {
  // What ended before the first byte can still be said with a status.
  if (!terms_.started() && relayed.ended.outcome != Outcome::ClientCancelled) {
    if (relayed.answer) {
      co_await client_.answer(*relayed.answer, terms_);
    } else {
      const Error why = relayed.ended.error();
      const RequestOutcome said = co_await refuse(why);
      relayed.ended.status = said.status;
    }
  }
  if (relayed.failed) report_->last_attempt_failed(relayed.ended.error_type);
  report_->finish(relayed.ended);
}

Task<RequestOutcome> Exchange::refuse(const Error& error) {
  const Refusal refusal = refusal_of(error);
  co_await client_.refuse(refusal, terms_);
  co_return RequestOutcome{.outcome = Outcome::UpstreamError,
                           .status = refusal.status,
                           .error_type = std::string(refusal.type),
                           .error_message = refusal.message};
}

Task<void> Exchange::refuse(const Refusal& refusal) {
  if (refusal.status == 499) co_return;  // the client is gone
  const bool recorded = count_rejection(client_, refusal);
  co_await client_.refuse(refusal, terms_);
  if (recorded) record_rejection(worker_, facts(nullptr), refusal, begun_);
}

}  // namespace vdm::proxy
