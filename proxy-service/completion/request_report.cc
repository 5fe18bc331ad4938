#include "proxy-service/completion/request_report.h"

#include <utility>

#include "common/base/log.h"
#include "proxy-service/providers/model_name.h"
#include "proxy-service/redact/redact.h"
#include "proxy-service/upstream/credentials.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t ErrorTypeBytesMax = 64;

/// The metrics service finds out by itself that such a request is gone.
void log_unreported() noexcept try { log::error("request not reported", {}); } catch (...) {
  return;  // there is no memory for a line either
}

}  // namespace

Error RequestOutcome::error() const {
  if (outcome == Outcome::Timeout) return {ErrorKind::UpstreamTimeout, error_message};
  if (outcome == Outcome::GatewayShutdown || status == 503)
    return {ErrorKind::Overloaded, error_message};
  return {ErrorKind::UpstreamRejected, error_message};
}

void name_target(RequestFacts& facts, const Target& target, const Worker& worker,
                 const ClientCredential& own) {
  const Provider& asked = worker.config.providers[target.provider];
  facts.upstream_dialect = target.dialect;
  facts.resolved_model = target.model.substr(0, ReportedModelBytesMax);
  facts.provider = asked.name;
  facts.credential = credential_shown(asked, own);
}

RequestReport::RequestReport(Worker& worker, FactsPtr facts, MonotonicTime begun,
                             MonotonicTime body_read, WaitPoint& session, const ReplyTerms& terms)
    : worker_(worker),
      facts_(std::move(facts)),
      begun_(begun),
      body_read_(body_read),
      session_(session),
      terms_(terms),
      last_byte_at_(body_read) {
  worker_.active.push_back(*this);
  worker_.counts.begin();
  start_ = worker_.snapshot.server.sink.started(facts_);
}

RequestReport::~RequestReport() {
  if (finished_) return;
  // Not the provider's doing, whether it had been asked or not. All of it needs no memory: what
  // was thrown may have been for want of it.
  try {
    finish({.outcome = Outcome::Rejected,
            .status = terms_.started() ? terms_.status : 500,
            .error_type = "internal",
            .error_message = "gateway fault"});
  } catch (...) {
    log_unreported();
  }
}

Micros RequestReport::since_begin(MonotonicTime at) const {
  return std::chrono::duration_cast<Micros>(at - begun_);
}

bool RequestReport::attempt_is_open() const {
  return !attempts_.empty() && attempts_.back().ended_after.count() == 0;
}

void RequestReport::connecting(bool reused) {
  const MonotonicTime now = worker_.precise_now();
  if (attempts_.empty()) first_connecting_at_ = now;
  last_attempt_failed("connection_closed");
  phase_ = Phase::Connecting;
  attempts_.push_back({.provider = latest_facts().provider,
                       .resolved_model = latest_facts().resolved_model,
                       .started_after = since_begin(now),
                       .connection_reused = reused});
}

void RequestReport::connected() {
  phase_ = Phase::Waiting;
  Attempt& attempt = attempts_.back();
  attempt.connected_after =
      attempt.connection_reused ? attempt.started_after : since_begin(worker_.precise_now());
}

void RequestReport::first_byte() {
  first_byte_at_ = last_byte_at_ = worker_.precise_now();
  attempts_.back().first_byte_after = since_begin(first_byte_at_);
}

void RequestReport::answered(int status, const Tap& tap) {
  attempts_.back().http_status = static_cast<std::uint32_t>(status);
  tap_ = &tap;
}

void RequestReport::relayed(std::size_t bytes) {
  if (first_relayed_at_ == MonotonicTime{}) first_relayed_at_ = worker_.precise_now();
  phase_ = Phase::Streaming;
  last_byte_at_ = worker_.now;
  response_bytes_ += bytes;
}

void RequestReport::first_token() {
  if (ttft_) return;
  const MonotonicTime now = worker_.precise_now();
  ttft_ = since_begin(now);
  phase_ = Phase::Streaming;
  tick(now);
}

void RequestReport::attempt_failed(std::string_view error_type) {
  tap_ = nullptr;
  last_attempt_failed(error_type);
}

void RequestReport::last_attempt_failed(std::string_view error_type) {
  if (!attempt_is_open()) return;
  attempts_.back().error_type = error_type.substr(0, ErrorTypeBytesMax);
  attempts_.back().ended_after = since_begin(worker_.precise_now());
}

Progressed RequestReport::progress(MonotonicTime now) const {
  Progressed progressed{.request_id = facts_->request_id,
                        .phase = phase_,
                        .elapsed = since_begin(now),
                        .ttft = ttft_,
                        .response_bytes = response_bytes_,
                        .attempt = static_cast<std::uint32_t>(attempts_.size()),
                        .since_last_byte = std::max(
                            Micros(0), std::chrono::duration_cast<Micros>(now - last_byte_at_))};
  if (tap_ != nullptr) {
    progressed.usage = tap_->facts().usage;
    progressed.tool_call_count = tap_->facts().tool_call_count;
    progressed.other_model = other_model();
  }
  return progressed;
}

std::string_view RequestReport::other_model() const {
  if (tap_ == nullptr) return {};
  const std::string& answered = tap_->facts().answered_name;
  if (answered.empty() || is_same_model(latest_facts().resolved_model, answered)) return {};
  return answered;
}

void RequestReport::tick(MonotonicTime now) {
  const bool changed = std::exchange(reported_phase_, phase_) != phase_ ||
                       std::exchange(reported_bytes_, response_bytes_) != response_bytes_;
  if (changed) worker_.snapshot.server.sink.progressed(progress(now), start_);
}

// The proxy's own share: from the complete request to the moment it goes out, and from the
// provider's first byte to the client's.
Micros RequestReport::overhead() const {
  MonotonicTime::duration ours{};
  if (first_connecting_at_ != MonotonicTime{}) ours += first_connecting_at_ - body_read_;
  if (first_relayed_at_ != MonotonicTime{} && first_byte_at_ != MonotonicTime{}) {
    ours += first_relayed_at_ - first_byte_at_;
  }
  return std::chrono::duration_cast<Micros>(ours);
}

void RequestReport::finish(const RequestOutcome& result) {
  if (finished_) return;
  const Micros duration = since_begin(worker_.precise_now());
  if (attempt_is_open()) {
    Attempt& last = attempts_.back();
    if (result.outcome == Outcome::UpstreamError) last.error_type = result.error_type;
    last.ended_after = duration;
  }
  Ended ended;
  ended.outcome = result.outcome;
  ended.http_status = static_cast<std::uint32_t>(result.status);
  ended.error_type = result.error_type.substr(0, ErrorTypeBytesMax);
  ended.error_message = redacted(result.error_message);
  ended.duration = duration;
  ended.ttft = ttft_;
  ended.response_bytes = response_bytes_;
  ended.overhead = overhead();
  if (tap_ != nullptr) {
    const TapFacts& seen = tap_->facts();
    ended.usage = seen.usage;
    ended.tool_call_count = seen.tool_call_count;
    ended.finish_reason = seen.finish_reason;
    ended.answered_as_asked = seen.answered_as_asked;
    ended.answered_name = seen.answered_name;
    ended.model_mismatch = !other_model().empty();
  }
  // Nothing is thrown from here on: until here, it can be finished in another way.
  ended.facts = retargeted_facts_ ? std::move(retargeted_facts_) : facts_;
  ended.attempts = std::move(attempts_);
  tap_ = nullptr;
  finished_ = true;
  worker_.counts.end(result.outcome);
  worker_.snapshot.server.sink.ended(ended, start_);
}

}  // namespace vdm::proxy
