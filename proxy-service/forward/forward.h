#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "proxy-service/completion/call_permit.h"
#include "proxy-service/completion/kept_request.h"
#include "proxy-service/completion/relay.h"
#include "proxy-service/completion/request_report.h"
#include "proxy-service/forward/client_body.h"
#include "proxy-service/forward/forward_request.h"
#include "proxy-service/forward/named_model.h"
#include "proxy-service/retry/key_ring.h"
#include "proxy-service/retry/retry.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// One request of a route that is passed on whole, from the end of its head to its last byte. It
/// goes to a provider of the client's dialect and is never converted. The model's name is replaced
/// if the body has one. What an Exchange does about a failure holds here too, as long as the body
/// is kept; a larger one is sent once. Thread: its IoThread.
class Forward final {
 public:
  Forward(ClientConnection& client, ClientRequest& request, ForwardRequest asked, ReplyTerms& terms,
          MonotonicTime begun);
  /// The names of whom it asked end with it.
  ~Forward() { terms_.asked = {}; }
  Forward(const Forward&) = delete;
  Forward& operator=(const Forward&) = delete;

  Task<void> run();

 private:
  // The steps of a request, in order.
  Task<std::optional<Refusal>> read();
  Task<Result<ModelRoute>> find_route();
  Result<ModelRoute> route_without_model() const;
  Result<void> keep_dialect(ModelRoute& route) const;
  Task<void> forward();
  Task<RelayResult> attempt();
  Task<std::optional<RelayResult>> send();
  Task<RelayResult> refused();
  Task<RelayResult> relay();
  Task<void> conclude(RelayResult& relayed);

  // What it does about a failed attempt.
  void apply_status(int status, std::optional<std::chrono::milliseconds> retry_after);
  RelayResult not_tried(std::string_view error_type, std::string_view why);
  void decide(RelayResult& relayed);
  bool may_ask_another_key() const;
  bool take_step(NextStep step);
  Task<bool> pause(std::chrono::milliseconds time);

  Task<void> refuse(const Refusal& refusal);
  Task<RequestOutcome> refuse(const Error& error);

  // The current target.
  const Target& target() const {
    return target_index_ == 0 ? route_.first : route_.rest[target_index_ - 1];
  }
  const Provider& provider() const { return worker_.config.providers[target().provider]; }
  const Door& door() const { return door_for(provider(), target().dialect); }
  bool has_next_target() const { return target_index_ < route_.rest.size(); }
  void prepare();
  bool take_key();
  void add_body(BufferSequence& buffers, std::string_view chunk_line) const;
  std::uint64_t kept_bytes_sent() const;
  RelayParts relay_parts();
  FactsPtr facts(const Target* target) const;
  /// The report's facts with what has changed since it began.
  void update_facts();

  ClientConnection& client_;
  Worker& worker_;
  ClientRequest& request_;
  const ForwardRequest asked_;
  ReplyTerms& terms_;
  const MonotonicTime begun_;
  KeptRequest kept_;
  ClientBody body_;
  std::optional<NamedModel> model_;
  ModelRoute route_;
  std::size_t target_index_ = 0;
  std::string written_model_;  ///< as it stands in the body for the current target
  KeyRing::Tried tried_keys_;
  std::size_t key_ = 0;
  bool keys_cool_down_ = false;  ///< all keys are in cooldown, and another target is left
  RetryState state_;
  Retry next_;
  int status_ = 0;                    ///< the provider's status in the current attempt
  std::optional<CallPermit> permit_;  ///< of the current attempt
  std::string head_;
  std::array<std::string_view, 2> request_text_;
  std::optional<Tap> tap_;
  // These use the members above, so they are destroyed first.
  std::optional<UpstreamCall> upstream_;
  std::optional<RequestReport> report_;
};

}  // namespace vdm::proxy
