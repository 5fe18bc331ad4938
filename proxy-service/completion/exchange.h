#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy-service/completion/body_reader.h"
#include "proxy-service/completion/call_permit.h"
#include "proxy-service/completion/client_request.h"
#include "proxy-service/completion/prepared_request.h"
#include "proxy-service/completion/relay.h"
#include "proxy-service/completion/request_report.h"
#include "proxy-service/convert/stream_step.h"
#include "proxy-service/retry/key_ring.h"
#include "proxy-service/retry/retry.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

struct Conversion;

/// One completion from the end of its head to its last byte. The exchange tries one target after
/// the other, with one key after the other, as long as the client has no byte of an answer and the
/// retry rules allow it. It relays the last target's answer. Thread: its IoThread.
class Exchange final {
 public:
  Exchange(ClientConnection& client, ClientRequest& request, ReplyTerms& terms, MonotonicTime begun)
      : client_(client),
        worker_(client.worker()),
        request_(request),
        terms_(terms),
        begun_(begun),
        kept_(worker_.bodies) {}
  /// The names of whom it asked end with it.
  ~Exchange() { terms_.asked = {}; }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Task<void> run();

  /// All exchanges have one size, so a thread keeps their memory for the next ones.
  static void* operator new(std::size_t bytes);
  static void operator delete(void* memory) noexcept;

 private:
  // The steps of a request, in order. Each result is set in its place: to pass it up through the
  // tasks costs a move for each.
  Task<void> forward();
  Task<void> attempt(RelayResult& relayed);
  Task<bool> send(RelayResult& failed);
  Task<RelayResult> refused();
  Task<void> relay(RelayResult& relayed);
  Task<RelayResult> relay_stream(RelayParts parts, const http1::ResponseHead& head,
                                 std::span<char> begin);
  bool may_adapt() const;
  std::optional<RelayResult> adapt(std::string_view error_body);
  std::optional<std::string> learn(std::string_view error_body);
  Task<void> conclude(RelayResult& relayed);

  // What the exchange does about a failed attempt.
  void apply_status(int status, std::optional<std::chrono::milliseconds> retry_after);
  RelayResult not_tried(std::string_view error_type, std::string_view why);
  void decide(RelayResult& relayed);
  bool take_step(NextStep step);
  Task<bool> pause(std::chrono::milliseconds time);

  Task<void> reject(const Error& why);
  Task<RequestOutcome> refuse(const Error& error);
  Task<void> refuse(const Refusal& refusal);

  // The current target.
  const Target& target() const {
    return target_index_ == 0 ? route_.first : route_.rest[target_index_ - 1];
  }
  const Provider& provider() const { return worker_.config.providers[target().provider]; }
  const Door& door() const { return door_for(provider(), target().dialect); }
  bool has_next_target() const { return target_index_ < route_.rest.size(); }
  Result<void> prepare();
  Result<void> prepare_request();
  TargetFacts target_facts() const;
  bool take_key();
  RelayParts relay_parts();
  Conversion conversion();
  UsageChunk usage_chunk() const;
  FactsPtr facts(const Target* target) const;

  ClientConnection& client_;
  Worker& worker_;
  ClientRequest& request_;
  ReplyTerms& terms_;
  const MonotonicTime begun_;
  KeptRequest kept_;
  RequestScan scan_;
  ModelRoute route_;
  std::size_t target_index_ = 0;
  KeyRing::Tried tried_keys_;
  std::size_t key_ = 0;
  bool keys_cool_down_ = false;  ///< all keys are in cooldown, and another target is left
  RetryState state_;
  bool adapted_ = false;  ///< the request was sent without a member that was refused
  Retry next_;
  int status_ = 0;                    ///< the provider's status in the current attempt
  MonotonicTime answered_at_{};       ///< when its head came
  std::optional<CallPermit> permit_;  ///< of the current attempt
  std::array<std::string_view, 2> request_text_;
  std::optional<Tap> tap_;
  // These use the members above, so they are destroyed first.
  std::optional<UpstreamCall> upstream_;
  std::optional<RequestReport> report_;
};

}  // namespace vdm::proxy
