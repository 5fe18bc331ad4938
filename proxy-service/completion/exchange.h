#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy-service/completion/answer_start.h"
#include "proxy-service/completion/attempts.h"
#include "proxy-service/completion/client_request.h"
#include "proxy-service/completion/prepared_request.h"
#include "proxy-service/completion/relay.h"
#include "proxy-service/convert/stream_step.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

struct Conversion;

/// One completion from the end of its head to its last byte. The exchange tries one target after
/// the other, with one key after the other, as long as the client has no byte of an answer and the
/// retry rules allow it (see Attempts). It relays the last target's answer. Thread: its IoThread.
class Exchange final {
 public:
  Exchange(ClientConnection& client, ClientRequest& request, ReplyTerms& terms, MonotonicTime begun)
      : client_(client),
        worker_(client.worker()),
        request_(request),
        terms_(terms),
        begun_(begun),
        kept_(worker_.bodies),
        attempts_(client, request, terms, kept_, begun) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Task<void> run();

  /// All exchanges have one size, so a thread keeps their memory for the next ones.
  static void* operator new(std::size_t bytes);
  static void operator delete(void* memory) noexcept;

 private:
  // The steps of a request, in order.
  Task<void> ask();
  Result<void> take_scan(Result<RequestScan> scan);
  PreparedRequest::Step begin_preparing();
  Task<Result<void>> rewrite();
  bool write_request(UpstreamRequest& request, RelayResult& relayed);
  SessionField session_field() const;
  Task<void> take_answer(RelayResult& relayed);
  Task<void> relay(RelayResult& relayed);
  Task<RelayResult> relay_stream(std::span<char> begin);
  Task<void> refused(RelayResult& relayed);
  Task<bool> take_step();

  // What it does about a refused member.
  TargetFacts target_facts() const;
  bool may_adapt() const;
  bool adapts(std::string_view error_body, RelayResult& failed);
  std::optional<std::string> learn(std::string_view error_body);

  Task<void> refuse(const Refusal& refusal) { return attempts_.refuse(refusal, facts(nullptr)); }
  FactsPtr facts(const Target* target) const;
  /// Whether a whole answer's bytes are what the client asked for.
  bool passes_as_it_is() const { return !scan_.stream && !kept_.prepared.converted(); }
  RelayParts relay_parts() { return attempts_.parts(scan_.model_token); }
  Conversion conversion();
  UsageChunk usage_chunk() const;

  ClientConnection& client_;
  Worker& worker_;
  ClientRequest& request_;
  ReplyTerms& terms_;
  const MonotonicTime begun_;
  KeptRequest kept_;
  RequestScan scan_;
  bool adapted_ = false;  ///< the request was sent without a member that was refused
  Attempts attempts_;
  MonotonicTime answered_at_{};        ///< when the current answer's head came
  std::optional<AnswerStart> answer_;  ///< nothing when it cannot be read
};

}  // namespace vdm::proxy
