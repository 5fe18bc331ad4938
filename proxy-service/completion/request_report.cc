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
  facts.resolved_model.assign(target.model, 0, ReportedModelBytesMax);
  facts.provider = asked.name;
  facts.credential = credential_shown(asked, own);
}

RequestReport::RequestReport(Worker& worker, FactsPtr facts, MonotonicTime begun,
                             MonotonicTime body_read, WaitPoint& session, const ReplyTerms& terms)
    : worker_(worker),
      first_facts_(std::move(facts)),
      begun_(begun),
      body_read_(body_read),
      session_(session),
      terms_(terms),
      last_byte_at_(body_read) {
  ended_.facts = first_facts_;
  worker_.active.push_back(*this);
  worker_.counts.begin();
  start_ = worker_.snapshot.server.sink.started(first_facts_);
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
  return !ended_.attempts.empty() && ended_.attempts.back().ended_after.count() == 0;
}

void RequestReport::connecting(bool reused) {
  const MonotonicTime now = worker_.precise_now();
  if (ended_.attempts.empty()) first_connecting_at_ = now;
  last_attempt_failed("connection_closed");
  phase_ = Phase::Connecting;
  Attempt& attempt = ended_.attempts.emplace_back();
  attempt.provider = ended_.facts->provider;
  attempt.resolved_model = ended_.facts->resolved_model;
  attempt.started_after = since_begin(now);
  attempt.connection_reused = reused;
}

void RequestReport::connected() {
  phase_ = Phase::Waiting;
  Attempt& attempt = ended_.attempts.back();
  attempt.connected_after =
      attempt.connection_reused ? attempt.started_after : since_begin(worker_.precise_now());
}

void RequestReport::first_byte() {
  first_byte_at_ = last_byte_at_ = worker_.precise_now();
  ended_.attempts.back().first_byte_after = since_begin(first_byte_at_);
}

void RequestReport::answered(int status, const Tap& tap) {
  ended_.attempts.back().http_status = static_cast<std::uint32_t>(status);
  tap_ = &tap;
}

void RequestReport::relayed(std::size_t bytes) {
  if (first_relayed_at_ == MonotonicTime{}) first_relayed_at_ = worker_.precise_now();
  phase_ = Phase::Streaming;
  last_byte_at_ = worker_.now;
  ended_.response_bytes += bytes;
}

void RequestReport::first_token() {
  if (ended_.ttft) return;
  const MonotonicTime now = worker_.precise_now();
  ended_.ttft = since_begin(now);
  phase_ = Phase::Streaming;
  tick(now);
}

void RequestReport::attempt_failed(std::string_view error_type) {
  tap_ = nullptr;
  last_attempt_failed(error_type);
}

void RequestReport::last_attempt_failed(std::string_view error_type) {
  if (!attempt_is_open()) return;
  Attempt& attempt = ended_.attempts.back();
  attempt.error_type = error_type.substr(0, ErrorTypeBytesMax);
  attempt.ended_after = since_begin(worker_.precise_now());
}

Progressed RequestReport::progress(MonotonicTime now) const {
  Progressed progressed{.request_id = request_id(),
                        .phase = phase_,
                        .elapsed = since_begin(now),
                        .ttft = ended_.ttft,
                        .response_bytes = ended_.response_bytes,
                        .attempt = static_cast<std::uint32_t>(ended_.attempts.size()),
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
  if (answered.empty() || is_same_model(ended_.facts->resolved_model, answered)) return {};
  return answered;
}

void RequestReport::tick(MonotonicTime now) {
  const std::uint64_t bytes = ended_.response_bytes;
  const bool changed = std::exchange(reported_phase_, phase_) != phase_ ||
                       std::exchange(reported_bytes_, bytes) != bytes;
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
    Attempt& last = ended_.attempts.back();
    if (result.outcome == Outcome::UpstreamError) last.error_type = result.error_type;
    last.ended_after = duration;
  }
  ended_.outcome = result.outcome;
  ended_.http_status = static_cast<std::uint32_t>(result.status);
  ended_.error_type.assign(result.error_type, 0, ErrorTypeBytesMax);
  ended_.error_message = redacted(result.error_message);
  ended_.duration = duration;
  ended_.overhead = overhead();
  if (tap_ != nullptr) {
    const TapFacts& seen = tap_->facts();
    ended_.usage = seen.usage;
    ended_.tool_call_count = seen.tool_call_count;
    ended_.finish_reason = seen.finish_reason;
    ended_.answered_as_asked = seen.answered_as_asked;
    ended_.answered_name = seen.answered_name;
    ended_.model_mismatch = !other_model().empty();
    tap_ = nullptr;
  }
  // Nothing is thrown from here on: until here, it can be finished in another way.
  finished_ = true;
  worker_.counts.end(result.outcome);
  worker_.snapshot.server.sink.ended(ended_, start_);
}

}  // namespace vdm::proxy
