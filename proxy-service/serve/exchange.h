#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "proxy-service/convert/stream_step.h"
#include "proxy-service/routing/key_ring.h"
#include "proxy-service/routing/retry.h"
#include "proxy-service/serve/body_reader.h"
#include "proxy-service/serve/call_permit.h"
#include "proxy-service/serve/client.h"
#include "proxy-service/serve/completion_call.h"
#include "proxy-service/serve/prepared_request.h"
#include "proxy-service/serve/relay.h"
#include "proxy-service/serve/request_report.h"

namespace vdm::proxy {

struct Conversion;

/// One completion from the end of its head to its last byte: the walk itself. Asks one
/// target after the other, with one key after the other, as long as nothing has reached
/// the client and the rules of retrying allow it; passes on what the last one says.
/// Thread: its IoThread.
class Exchange final : private AnswerWatch {
 public:
  Exchange(Client& client, CompletionCall& call, ReplyTerms& terms, MonotonicTime begun)
      : client_(client),
        lane_(client.lane()),
        call_(call),
        terms_(terms),
        begun_(begun),
        body_(lane_.bodies) {}

  Task<void> run();

  /// Of a size, and as many as there are requests in hand: kept for the next.
  static void* operator new(std::size_t bytes);
  static void operator delete(void* memory) noexcept;

 private:
  // What happens to the request, in order.
  Task<void> forward();
  Task<Relayed> attempt();
  Task<Relayed> send();
  std::optional<Relayed> refusal(const http1::ResponseHead& head);
  Task<Relayed> relay_stream(RelayParts parts, const http1::ResponseHead& head);
  Task<void> conclude(Relayed& relayed);

  // What is done about a failure.
  void heed(int status, std::optional<std::chrono::milliseconds> retry_after);
  Relayed not_tried(std::string_view error_type, std::string_view why);
  void decide(Relayed& relayed);
  bool take_step(NextStep step);
  Task<bool> pause(std::chrono::milliseconds time);

  Task<void> reject(const Error& why);
  Task<Ending> refuse(const Error& error);
  Task<void> refuse(const Failure& failure);

  // The target in hand.
  const Target& target() const {
    return target_index_ == 0 ? route_.first : route_.rest[target_index_ - 1];
  }
  const Provider& provider() const { return lane_.config.providers[target().provider]; }
  bool has_next_target() const { return target_index_ < route_.rest.size(); }
  Result<void> prepare();
  bool take_key();
  RelayParts relay_parts();
  Conversion conversion();
  UsageChunk usage_chunk() const;
  FactsPtr facts(const Target* target) const;

  void begun() override;
  void first_token() override;

  Client& client_;
  Lane& lane_;
  CompletionCall& call_;
  ReplyTerms& terms_;
  const MonotonicTime begun_;
  BodyBuffer body_;
  RequestScan scan_;
  ModelRoute route_;
  std::size_t target_index_ = 0;
  KeyRing::Turn turn_;
  std::size_t key_ = 0;
  bool keys_rest_ = false;  ///< all of the provider's, and there is another to ask
  RetryState state_;
  Retry next_;
  int status_ = 0;  ///< the provider's, of the attempt in hand
  PreparedRequest prepared_;
  CallPermit* permit_ = nullptr;  ///< of the attempt in hand
  std::array<std::string_view, 2> request_text_;
  std::optional<Tap> tap_;
  // They end before what they work with.
  std::optional<UpstreamCall> upstream_;
  std::optional<RequestReport> report_;
};

}  // namespace vdm::proxy
