#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/contract/event.h"
#include "proxy-service/tap/tap.h"
#include "proxy-service/upstream/call.h"
#include "proxy-service/worker/client_connection.h"
#include "proxy-service/worker/refusal.h"
#include "proxy-service/worker/worker.h"

namespace vdm::proxy {

/// How a request ended, in the event protocol's terms.
struct RequestOutcome {
  Outcome outcome = Outcome::Unspecified;
  int status = 0;
  std::string error_type{};
  std::string error_message{};

  /// The same as an Error, for a client that has no answer yet.
  Error error() const;
};

inline constexpr std::size_t ReportedModelBytesMax = 256;  ///< of a model's name

/// Sets what the facts of a request say of its target; `own` is the client's credential.
void name_target(RequestFacts& facts, const Target& target, const Worker& worker,
                 const ClientCredential& own);

/// Reports one Started now and exactly one Ended later: by finish(), or from the
/// destructor when nobody said how it ended, since something was thrown. In between it keeps the
/// clock of the request and tells its progress when asked by the thread's tick. Thread: its
/// IoThread.
class RequestReport final : public ActiveRequest, public UpstreamCall::Progress {
 public:
  /// `begun`: when the head was complete. `body_read`: when the body was.
  RequestReport(Worker& worker, FactsPtr facts, MonotonicTime begun, MonotonicTime body_read,
                WaitPoint& session, const ReplyTerms& terms);
  ~RequestReport() override;
  RequestReport(const RequestReport&) = delete;
  RequestReport& operator=(const RequestReport&) = delete;

  void connecting(bool reused) override;
  void connected() override;
  void first_byte() override;
  /// The facts with the first target.
  const RequestFacts& facts() const { return *first_facts_; }
  /// The exchange tries another target: the final report names that one.
  void retarget(FactsPtr facts) { ended_.facts = std::move(facts); }
  /// The provider has answered with `status`; from now on the usage comes from the tap.
  void answered(int status, const Tap& tap);
  void relayed(std::size_t bytes);
  void first_token();
  /// The provider's answer is complete, but the client has not read all of it.
  void draining() { phase_ = Phase::Draining; }
  /// Records a failed attempt after which another follows, so its usage is not billed. An attempt
  /// that is closed already stays as it is: the target after it may not have been called at all.
  void attempt_failed(std::string_view error_type);
  /// Records the failed attempt that no other follows, so its usage is billed.
  void last_attempt_failed(std::string_view error_type);

  /// Only the first call counts.
  void finish(const RequestOutcome& result);

  void tick(MonotonicTime now) override;
  const std::string& request_id() const override { return first_facts_->request_id; }
  void interrupt(Interrupt why) override { session_.interrupt(why); }

 private:
  Micros since_begin(MonotonicTime at) const;
  bool attempt_is_open() const;
  Progressed progress(MonotonicTime now) const;
  /// The model that the answer names, if it is another than the one that was asked.
  std::string_view other_model() const;
  Micros overhead() const;

  Worker& worker_;
  const FactsPtr first_facts_;
  StartRef start_;
  Ended ended_;  ///< as far as it is known
  const MonotonicTime begun_;
  const MonotonicTime body_read_;
  WaitPoint& session_;
  const ReplyTerms& terms_;
  const Tap* tap_ = nullptr;
  Phase phase_ = Phase::Connecting;
  std::uint64_t reported_bytes_ = 0;
  Phase reported_phase_ = Phase::Unspecified;
  MonotonicTime last_byte_at_;
  MonotonicTime first_connecting_at_{};
  MonotonicTime first_byte_at_{};
  MonotonicTime first_relayed_at_{};
  bool finished_ = false;
};

}  // namespace vdm::proxy
