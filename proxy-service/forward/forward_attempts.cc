#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "proxy-service/completion/error_relay.h"
#include "proxy-service/forward/answer_relay.h"
#include "proxy-service/forward/forward.h"
#include "proxy-service/forward/forward_head.h"
#include "proxy-service/upstream/wait_error.h"

// How a request that is passed on whole is sent, and what follows a failed attempt.

namespace vdm::proxy {
namespace {

/// Whether the provider has got nothing of the request.
bool is_unsent(const AttemptFailure& failed) {
  switch (failed.kind) {
    case AttemptFailure::Kind::NoConnection:
    case AttemptFailure::Kind::ConnectTimeout:
    case AttemptFailure::Kind::Untrusted:
    case AttemptFailure::Kind::BreakerOpen:
      return true;
    default:
      return false;
  }
}

}  // namespace

Task<void> Forward::forward() {
  worker_.retry_budget.request();
  for (;; ++state_.attempts) {
    next_ = {};
    RelayResult relayed = co_await attempt();
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

Task<RelayResult> Forward::attempt() {
  terms_.asked = {provider().name,
                  std::string_view(target().model).substr(0, ReportedModelBytesMax)};
  if (keys_cool_down_) co_return not_tried("keys_rest", "all of its keys are in cooldown");
  permit_.emplace(worker_, target().provider);
  if (!permit_->given()) {
    permit_.reset();
    co_return not_tried("breaker_open", "it fails most requests and is tried again shortly");
  }
  RelayResult relayed;
  auto not_answered = co_await send();
  if (not_answered) {
    relayed = std::move(*not_answered);
  } else if (status_ >= 300 && status_ != 304) {  // that answers a client that asked so
    relayed = co_await refused();
  } else {
    relayed = co_await relay();
  }
  const bool failed =
      relayed.ended.outcome == Outcome::UpstreamError || relayed.ended.outcome == Outcome::Timeout;
  if (status_ < 400 && failed) permit_->report_broken();
  decide(relayed);
  if (relayed.ended.outcome == Outcome::Ok) permit_->report(CallResult::Succeeded);
  permit_.reset();
  co_return relayed;
}

/// Asks the provider. Nothing when it has answered, else why not.
Task<std::optional<RelayResult>> Forward::send() {
  status_ = 0;
  const bool as_chunks = !body_.whole() && body_.chunked();
  const std::uint64_t kept = kept_bytes_sent();
  ForwardFraming framing{.chunked = as_chunks};
  const bool has_body = request_.chunked || request_.content_length.has_value();
  if (has_body && !as_chunks) {
    framing.length = body_.whole() ? kept : body_.size() - kept_.body.size() + kept;
  }
  auto head = forward_head(provider(), door(), key_, request_, asked_, framing);
  if (!head) {
    permit_->report(CallResult::Neither);
    co_return rejected(refusal_of(head.error()), terms_);
  }
  head_ = std::move(*head);
  const http1::ChunkLine line(kept);
  UpstreamRequest request;
  request.buffers.add(head_);
  add_body(request.buffers, as_chunks ? line.text() : std::string_view());
  if (!body_.whole()) request.rest = &body_;

  const UpstreamTimeouts timeouts = timeouts_of(provider(), route_.terms);
  upstream_.emplace(worker_.pool(target().provider, target().dialect), timeouts,
                    client_.wait_point(), worker_.now);
  const auto answer = co_await upstream_->exchange(request, *report_);
  // What the client still sends would be read as its next request.
  if (!body_.whole()) terms_.keep_alive = false;
  if (body_.refusal() && body_.refusal()->status != 499) {
    permit_->report(CallResult::Neither);
    co_return rejected(*body_.refusal(), terms_);
  }
  if (!answer) {
    co_return RelayResult{.ended = outcome_of(answer.error(), client_.wait_point().interrupted()),
                          .failed = AttemptFailure{.kind = upstream_->failure_kind()}};
  }
  status_ = (*answer)->status();
  tap_.emplace(target().dialect, worker_.indexer, target().model);
  report_->answered(status_, *tap_);
  co_return std::nullopt;
}

/// Reads an error answer, and decides by what it says: the result to retry with, or the answer's.
Task<RelayResult> Forward::refused() {
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
  RelayResult failed = status_failed(provider(), status_, *refusal);
  decide(failed);
  if (next_.step != NextStep::GiveUp) co_return failed;
  const std::string words = refusal->error.has_words ? refusal->error.message : std::string();
  RelayResult relayed = co_await relay_refusal(parts, head, target().dialect, std::move(*refusal));
  if (relayed.ended.outcome != Outcome::UpstreamError) co_return relayed;
  // Only of whole JSON can be told what repeats the request, whose texts no report may hold.
  if (body_.size() == 0) {
    relayed.ended.error_message = words;
  } else if (!model_->is_json() || !body_.repeatable()) {
    relayed.ended.error_message.clear();
  }
  co_return relayed;
}

Task<RelayResult> Forward::relay() {
  const RelayParts parts = relay_parts();
  if (!upstream_->readable()) {
    co_return unusable(parts, "its answer is compressed in a way that was not asked for");
  }
  const auto type = upstream_->head().fields().get(http1::FieldName::ContentType);
  const bool counts = !is_about_stored(asked_.kind);
  AnswerUsage usage(counts ? AnswerUsage::form_of(type.value_or("")) : AnswerUsage::Form::Other);
  const bool with_model = !target().model.empty();
  co_return co_await relay_answer(parts, usage, with_model);
}

RelayParts Forward::relay_parts() {
  const std::string_view kept = kept_.body.text();
  const ByteRange token = model_->token();
  request_text_ = {kept.substr(0, token.begin),
                   kept.substr(std::min(kept.size(), token.begin + token.size))};
  return {client_, terms_, *upstream_, *tap_, *report_, *permit_, kept_, request_text_};
}

/// Answers the client unless its answer has begun, and closes the report.
Task<void> Forward::conclude(RelayResult& relayed) {
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
  if (body_.size() != report_->facts().request_bytes) update_facts();
  report_->finish(relayed.ended);
}

/// A request for something stored, which another key of the provider may have stored.
bool Forward::may_ask_another_key() const {
  return asked_.reads_stored() && state_.attempts < worker_.config.retry.attempts_max &&
         worker_.key_rings[target().provider].has_next(tried_keys_, worker_.now);
}

void Forward::decide(RelayResult& relayed) {
  if (!relayed.failed || next_.step != NextStep::GiveUp) return;
  if (!body_.repeatable() && !is_unsent(*relayed.failed)) return;
  const bool is_status = relayed.failed->kind == AttemptFailure::Kind::Status;
  if (is_status && relayed.failed->status == 404 && may_ask_another_key()) {
    next_ = {.step = NextStep::NextKey};
    return;
  }
  state_.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(worker_.precise_now() - begun_);
  state_.body_started = terms_.started();
  state_.has_next_key = worker_.key_rings[target().provider].has_next(tried_keys_, worker_.now);
  state_.has_next_target = has_next_target();
  const RetryLimits limits = limits_of(worker_.config.retry, provider(), route_.terms);
  next_ = next_step(limits, *relayed.failed, state_, worker_.retry_budget, worker_.chance());
}

/// Moves to the next key or target.
bool Forward::take_step(NextStep step) {
  if (step == NextStep::SameKey) ++state_.retries;
  if (step == NextStep::NextKey) take_key();
  if (step != NextStep::NextTarget) return true;
  if (!has_next_target()) return false;
  ++target_index_;
  prepare();
  update_facts();  // failed targets are listed as attempts
  return true;
}

Task<bool> Forward::pause(std::chrono::milliseconds time) {
  WaitPoint& wait_point = client_.wait_point();
  wait_point.set_deadline(worker_.precise_now() + time);
  while (!wait_point.over()) co_await wait_point.wait();
  co_return wait_point.interrupted() == Interrupt::None;
}

RelayResult Forward::not_tried(std::string_view error_type, std::string_view why) {
  const auto open_for = worker_.breakers[target().provider]->open_for(worker_.now);
  const Refusal refusal{503, error_type, "provider '" + provider().name + "': " + std::string(why)};
  RelayResult relayed = not_asked(refusal, open_for, terms_);
  decide(relayed);
  return relayed;
}

/// Passes an error's status to the key ring and to the breaker.
void Forward::apply_status(int status, std::optional<std::chrono::milliseconds> retry_after) {
  KeyRing& keys = worker_.key_rings[target().provider];
  if (key_ < keys.size()) keys.answered(key_, status, retry_after, worker_.now);
  permit_->report(result_of(status));
}

}  // namespace vdm::proxy
