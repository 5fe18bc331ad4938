#include <algorithm>
#include <chrono>
#include <memory>

#include "proxy-service/completion/exchange.h"

// What the exchange does about a failed attempt: another key, another target, a pause.

namespace vdm::proxy {

/// Takes a key that is not in cooldown. For the last target it takes one in cooldown if it must.
bool Exchange::take_key() {
  KeyRing& ring = worker_.key_rings[target().provider];
  const std::uint64_t session =
      ring.by_session() ? session_of(request_, scan_, kept_.body.text()) : 0;
  auto key = ring.take(tried_keys_, worker_.now, session);
  if (!key && !has_next_target()) key = ring.end_cooldown(tried_keys_, worker_.now);
  if (key) key_ = *key;
  return key.has_value();
}

/// Moves to the next key or target. False when no further target can take this request.
bool Exchange::take_step(NextStep step) {
  switch (step) {
    case NextStep::GiveUp:
      return true;
    case NextStep::SameKey:
      ++state_.retries;
      return true;
    case NextStep::NextKey:
      take_key();
      return true;
    case NextStep::Adapted:
      adapted_ = true;
      return prepare_request().has_value();
    case NextStep::NextTarget:
      break;
  }
  // A request that cannot be converted for a target skips that target: the client made no mistake.
  bool ready = false;
  while (!ready && has_next_target()) {
    ++target_index_;
    ready = prepare().has_value();
  }
  if (!ready) return false;
  // Failed targets are listed as attempts. From now on the report names the new target.
  const auto facts = std::make_shared<RequestFacts>(report_->facts());
  name_target(*facts, target(), worker_, request_.own);
  report_->retarget(facts);
  return true;
}

Task<bool> Exchange::pause(std::chrono::milliseconds time) {
  WaitPoint& wait_point = client_.wait_point();
  wait_point.set_deadline(worker_.precise_now() + time);
  while (!wait_point.over()) co_await wait_point.wait();
  co_return wait_point.interrupted() == Interrupt::None;
}

void Exchange::decide(RelayResult& relayed) {
  if (!relayed.failed || next_.step != NextStep::GiveUp) return;
  state_.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(worker_.precise_now() - begun_);
  state_.body_started = terms_.started();
  state_.has_next_key = worker_.key_rings[target().provider].has_next(tried_keys_, worker_.now);
  state_.has_next_target = has_next_target();
  const RetryLimits limits = limits_of(worker_.config.retry, provider(), route_.terms);
  next_ = next_step(limits, *relayed.failed, state_, worker_.retry_budget, worker_.chance());
}

RelayResult Exchange::not_tried(std::string_view error_type, std::string_view why) {
  const auto open_for = worker_.breakers[target().provider]->open_for(worker_.now);
  const Refusal refusal{503, error_type, "provider '" + provider().name + "': " + std::string(why)};
  RelayResult relayed = not_asked(refusal, open_for, terms_);
  decide(relayed);
  return relayed;
}

/// Passes an error's status to the key ring and to the breaker.
void Exchange::apply_status(int status, std::optional<std::chrono::milliseconds> retry_after) {
  KeyRing& keys = worker_.key_rings[target().provider];
  if (key_ < keys.size()) keys.answered(key_, status, retry_after, worker_.now);
  permit_->report(result_of(status));
}

}  // namespace vdm::proxy
