#include "proxy-service/completion/attempts.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "proxy-service/upstream/wait_error.h"
#include "proxy-service/worker/rejection.h"

namespace vdm::proxy {

Task<void> Attempts::refuse(const Refusal& refusal, FactsPtr facts) {
  if (refusal.status == 499) co_return;  // the client is gone
  const bool recorded = count_rejection(client_, refusal);
  co_await client_.refuse(refusal, terms_);
  if (recorded) record_rejection(worker_, std::move(facts), refusal, begun_);
}

Task<RequestOutcome> Attempts::refuse(const Error& error) {
  const Refusal refusal = refusal_of(error);
  co_await client_.refuse(refusal, terms_);
  co_return RequestOutcome{.outcome = Outcome::UpstreamError,
                           .status = refusal.status,
                           .error_type = std::string(refusal.type),
                           .error_message = refusal.message};
}

void Attempts::begin_report(FactsPtr facts, MonotonicTime body_read) {
  report_.emplace(worker_, std::move(facts), begun_, body_read, client_.wait_point(), terms_);
}

Task<void> Attempts::reject(const Error& why) {
  RequestOutcome rejected = co_await refuse(why);
  rejected.outcome = Outcome::Rejected;
  report_->finish(rejected);
}

void Attempts::start(ModelRoute route, const Terms& terms) {
  route_ = std::move(route);
  key_of_ = terms.key_of;
  session_ = terms.session;
  state_.repeatable = terms.repeatable;
  state_.reads_stored = terms.reads_stored;
  take_first_key();
}

void Attempts::take_first_key() {
  tried_keys_ = {};
  state_.retries = 0;
  key_ = 0;
  keys_cool_down_ = !take_key() && keys().size() > 0;
}

/// Takes a key that is not in cooldown. For the last target it takes one in cooldown if it must.
bool Attempts::take_key() {
  auto key = key_of_choice();
  if (!key && !has_next_target()) key = keys().end_cooldown(tried_keys_, worker_.now);
  if (key) key_ = *key;
  return key.has_value();
}

std::optional<std::size_t> Attempts::key_of_choice() {
  KeyRing& ring = keys();
  if (key_of_ == KeyOf::Client) {
    const std::uint64_t owner = owner_hash(request_.facts->client_label, provider().name);
    return ring.take_of_owner(tried_keys_, worker_.now, owner);
  }
  if (!ring.by_session()) return ring.take(tried_keys_, worker_.now);
  const std::uint64_t session =
      session_hash(session_, request_.facts->client_label, kept_.body.text());
  return ring.take(tried_keys_, worker_.now, session);
}

bool Attempts::begin(RelayResult& relayed) {
  if (state_.attempts++ == 0) worker_.retry_budget.request();
  next_ = {};
  status_ = 0;
  terms_.asked = {provider().name,
                  std::string_view(target().model).substr(0, ReportedModelBytesMax)};
  if (keys_cool_down_) {
    skip("keys_rest", "all of its keys are in cooldown", relayed);
    return false;
  }
  permit_.emplace(worker_, target().provider);
  if (permit_->given()) return true;
  permit_.reset();
  skip("breaker_open", "it fails most requests and is tried again shortly", relayed);
  return false;
}

/// Goes on without a call.
void Attempts::skip(std::string_view error_type, std::string_view why, RelayResult& relayed) {
  const auto open_for = worker_.breakers[target().provider]->open_for(worker_.now);
  const Refusal refusal{503, error_type, "provider '" + provider().name + "': " + std::string(why)};
  relayed = not_asked(refusal, open_for, terms_);
  decide(relayed);
}

void Attempts::give_up(const Refusal& why, RelayResult& relayed) {
  permit_->report(CallResult::Neither);
  relayed = rejected(why, terms_);
}

UpstreamCall& Attempts::open_call() {
  const UpstreamTimeouts timeouts = timeouts_of(provider(), route_.terms);
  return upstream_.emplace(worker_.pool(target().provider, target().dialect), timeouts,
                           client_.wait_point(), worker_.now);
}

bool Attempts::answered(const Result<const http1::ResponseHead*>& answer, RelayResult& failed) {
  if (!answer) {
    failed.ended = outcome_of(answer.error(), client_.wait_point().interrupted());
    failed.failed = AttemptFailure{.kind = upstream_->failure_kind()};
    return false;
  }
  status_ = (*answer)->status();
  tap_.emplace(target().dialect, worker_.indexer, target().model);
  report_->answered(status_, *tap_);
  return true;
}

Task<std::optional<ProviderRefusal>> Attempts::read_refusal(RelayParts parts, RelayResult& failed) {
  if (status_ < 400) {
    const Error redirect{ErrorKind::UpstreamRejected, "the provider answered with a redirect"};
    failed.ended = outcome_of(redirect, client_.wait_point().interrupted());
    co_return std::nullopt;
  }
  upstream_->keep_head();
  auto refusal = co_await proxy::read_refusal(parts, upstream_->head());
  if (!refusal) {
    failed = not_begun(refusal.error(), parts, AttemptFailure::Kind::FirstByteTimeout);
    co_return std::nullopt;
  }
  apply_status(refusal->decisive_status(), refusal->asked_wait);
  co_return std::move(*refusal);
}

bool Attempts::goes_on_after(const ProviderRefusal& refusal, RelayResult& failed) {
  failed = status_failed(provider(), status_, refusal);
  decide(failed);
  return goes_on();
}

/// Passes an error's status to the key ring and to the breaker.
void Attempts::apply_status(int status, std::optional<std::chrono::milliseconds> asked_wait) {
  KeyRing& ring = keys();
  if (key_ < ring.size()) ring.answered(key_, status, asked_wait, worker_.now);
  permit_->report(result_of(status));
}

void Attempts::end(RelayResult& relayed) {
  const Outcome outcome = relayed.ended.outcome;
  const bool failed = outcome == Outcome::UpstreamError || outcome == Outcome::Timeout;
  if (relayed.reported_status != 0) {
    // An error in a 200 affects the key and the breaker as its status would.
    apply_status(relayed.reported_status, std::nullopt);
    if (result_of(relayed.reported_status) == CallResult::Failed) permit_->report_broken();
  } else if (status_ < 400 && failed) {
    permit_->report_broken();
  }
  decide(relayed);
  if (outcome == Outcome::Ok) permit_->report(CallResult::Succeeded);
  permit_.reset();
}

void Attempts::decide(const RelayResult& relayed) {
  if (!relayed.failed || goes_on()) return;
  state_.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(worker_.precise_now() - begun_);
  state_.body_started = terms_.started();
  state_.has_next_key = keys().has_next(tried_keys_, worker_.now);
  state_.has_next_target = has_next_target();
  const RetryLimits limits = limits_of(worker_.config.retry, provider(), route_.terms);
  next_ = next_step(limits, *relayed.failed, state_, worker_.retry_budget, worker_.chance());
}

Task<bool> Attempts::pause(RelayResult& relayed) {
  report_->attempt_failed(relayed.ended.error_type);
  upstream_.reset();  // the failed answer is not read any further
  if (next_.after.count() == 0) co_return true;
  WaitPoint& wait_point = client_.wait_point();
  wait_point.set_deadline(worker_.precise_now() + next_.after);
  while (!wait_point.over()) co_await wait_point.wait();
  if (wait_point.interrupted() == Interrupt::None) co_return true;
  const Error why = wait_error(wait_point, provider(), "");
  relayed = {.ended = outcome_of(why, wait_point.interrupted()),
             .failed = AttemptFailure{.kind = AttemptFailure::Kind::Interrupted}};
  co_return false;
}

bool Attempts::take_step() {
  if (next_.step == NextStep::SameKey) ++state_.retries;
  if (next_.step == NextStep::NextKey) take_key();
  return next_.step != NextStep::NextTarget || take_next_target();
}

bool Attempts::take_next_target() {
  if (!has_next_target()) return false;
  ++target_index_;
  take_first_key();
  return true;
}

void Attempts::update_report(std::uint64_t request_bytes) {
  // Failed targets are listed as attempts. From now on the report names the current one.
  const auto facts = std::make_shared<RequestFacts>(report_->facts());
  name_target(*facts, target(), worker_, request_.own);
  facts->request_bytes = request_bytes;
  report_->retarget(facts);
}

/// What ended before the first byte can still be said with a status.
Task<void> Attempts::answer_client(RelayResult& relayed) {
  if (relayed.answer) {
    co_await client_.answer(*relayed.answer, terms_);
    co_return;
  }
  const Error why = relayed.ended.error();
  const RequestOutcome said = co_await refuse(why);
  relayed.ended.status = said.status;
}

void Attempts::finish(const RelayResult& relayed) {
  if (relayed.failed) report_->last_attempt_failed(relayed.ended.error_type);
  report_->finish(relayed.ended);
}

}  // namespace vdm::proxy
