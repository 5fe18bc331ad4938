#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy-service/completion/call_permit.h"
#include "proxy-service/completion/client_request.h"
#include "proxy-service/completion/error_relay.h"
#include "proxy-service/completion/kept_request.h"
#include "proxy-service/completion/relay.h"
#include "proxy-service/completion/request_report.h"
#include "proxy-service/retry/key_ring.h"
#include "proxy-service/retry/retry.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// The attempts at one request: whom it is sent to next, with which key and after what pause, what
/// an answer means for the breaker and the key, and what the client is told when no other attempt
/// follows. How the request is sent and its answer relayed is the owner's: it calls begin(), sends,
/// relays, calls end(), and goes round again while goes_on(). What follows what, next_step()
/// decides. Bounds: RetryLimits. Thread: its IoThread.
class Attempts final {
 public:
  /// Who is given always the same of a provider's keys, if it has several.
  enum class KeyOf : std::uint8_t {
    Session,  ///< as the provider's affinity says
    Client,   ///< whatever the affinity: what it stored is found by the key that stored it
  };
  /// How the request may be tried again.
  struct Terms {
    KeyOf key_of = KeyOf::Session;
    std::string_view session{};  ///< as the client names it; must last
    bool repeatable = true;      ///< see RetryState
    bool reads_stored = false;   ///< the same
  };

  /// `kept`: the request's body, as long as it may be sent again. `begun`: when its head was
  /// complete.
  Attempts(ClientConnection& client, const ClientRequest& request, ReplyTerms& terms,
           KeptRequest& kept, MonotonicTime begun)
      : client_(client),
        worker_(client.worker()),
        request_(request),
        terms_(terms),
        kept_(kept),
        begun_(begun) {}
  /// The names of whom it asked end with it.
  ~Attempts() { terms_.asked = {}; }
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;

  /// Refuses a request of which no report has begun. `facts`: for the report of its end.
  Task<void> refuse(const Refusal& refusal, FactsPtr facts);
  void begin_report(FactsPtr facts, MonotonicTime body_read);
  RequestReport& report() { return *report_; }
  /// Refuses a request before any provider is asked for it, and closes its report.
  Task<void> reject(const Error& why);

  /// Takes the first target of `route` and a key of it.
  void start(ModelRoute route, const Terms& terms);

  // The current target.
  const Target& target() const {
    return target_index_ == 0 ? route_.first : route_.rest[target_index_ - 1];
  }
  const Provider& provider() const { return worker_.config.providers[target().provider]; }
  const Door& door() const { return door_for(provider(), target().dialect); }
  bool has_next_target() const { return target_index_ < route_.rest.size(); }
  /// The index of the provider's key.
  std::size_t key() const { return key_; }

  // One attempt, in this order. Each result is set in its place: to pass it up through the tasks
  // costs a move for each.

  /// Takes a permit for a call. False when the provider is not to be asked, and `relayed` says why.
  bool begin(RelayResult& relayed);
  /// The attempt ends with a refusal of ours, which is not the provider's doing.
  void give_up(const Refusal& why, RelayResult& relayed);
  /// The call that the request is sent with.
  UpstreamCall& open_call();
  UpstreamCall& call() { return *upstream_; }
  /// Takes what the call's exchange() came to. False when that is no answer, and `failed` says why.
  bool answered(const Result<const http1::ResponseHead*>& answer, RelayResult& failed);
  /// The answer's status; 0 without one.
  int status() const { return status_; }
  /// What relays the answer. `model_token`: where the kept body names its model.
  RelayParts parts(ByteRange model_token) {
    return {client_, terms_, *upstream_, *tap_, *report_, *permit_, kept_, model_token};
  }
  /// Reads an error answer, and tells breaker and key of it. Nothing when there is none to decide
  /// by, and `failed` says why.
  Task<std::optional<ProviderRefusal>> read_refusal(RelayParts parts, RelayResult& failed);
  /// Whether another attempt follows such an answer, which is then in `failed`. Else the client is
  /// to get it.
  bool goes_on_after(const ProviderRefusal& refusal, RelayResult& failed);
  /// Another attempt follows, with the request adapted.
  void go_on_adapted() { next_ = {NextStep::Adapted}; }
  /// Decides what follows an attempt that begin() allowed.
  void end(RelayResult& relayed);

  // Between attempts.

  bool goes_on() const { return next_.step != NextStep::GiveUp; }
  NextStep next() const { return next_.step; }
  /// Notes the failed attempt, and waits as long as is decided. False when somebody ends the
  /// request meanwhile, and `relayed` says so.
  Task<bool> pause(RelayResult& relayed);
  /// Takes the next key or target, as is decided. False when there is none.
  bool take_step();
  /// The same, whatever is decided.
  bool take_next_target();
  /// The report's facts with the current target, and with the size as it is known now.
  void update_report(std::uint64_t request_bytes);

  // When no other attempt follows.

  /// Whether the client is still to be told how the request ended.
  bool client_waits(const RelayResult& relayed) const {
    return !terms_.started() && relayed.ended.outcome != Outcome::ClientCancelled;
  }
  Task<void> answer_client(RelayResult& relayed);
  /// Closes the report.
  void finish(const RelayResult& relayed);

 private:
  Task<RequestOutcome> refuse(const Error& error);
  KeyRing& keys() const { return worker_.key_rings[target().provider]; }
  void take_first_key();
  bool take_key();
  std::optional<std::size_t> key_of_choice();
  void skip(std::string_view error_type, std::string_view why, RelayResult& relayed);
  void apply_status(int status, std::optional<std::chrono::milliseconds> asked_wait);
  void decide(const RelayResult& relayed);

  ClientConnection& client_;
  Worker& worker_;
  const ClientRequest& request_;
  ReplyTerms& terms_;
  KeptRequest& kept_;
  const MonotonicTime begun_;
  ModelRoute route_;
  std::size_t target_index_ = 0;
  KeyOf key_of_ = KeyOf::Session;
  std::string_view session_;
  KeyRing::Tried tried_keys_;
  std::size_t key_ = 0;
  bool keys_cool_down_ = false;  ///< all keys are in cooldown, and another target is left
  RetryState state_{.attempts = 0};
  Retry next_;
  int status_ = 0;
  std::optional<CallPermit> permit_;  ///< of the current attempt
  std::optional<Tap> tap_;
  // These use the members above, so they are destroyed first.
  std::optional<UpstreamCall> upstream_;
  std::optional<RequestReport> report_;
};

}  // namespace vdm::proxy
