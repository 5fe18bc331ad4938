#pragma once

#include <optional>
#include <string>

#include "proxy-service/body/splice.h"
#include "proxy-service/serve/body_reader.h"
#include "proxy-service/serve/client.h"
#include "proxy-service/serve/completion_call.h"
#include "proxy-service/serve/relay.h"
#include "proxy-service/serve/request_report.h"

namespace vdm::proxy {

/// One completion from the end of its head to its last byte: the walk itself.
/// Both sides speak the same dialect, so bytes pass through untouched but for the
/// model's name; a converter belongs between decode() and relay().
/// Thread: its IoThread.
class Exchange {
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
  Task<void> forward();
  Task<Ending> relay(const http1::ResponseHead& head);
  Task<void> reject(const Error& why);
  Task<Ending> refuse(const Error& error);
  Task<void> refuse(const Failure& failure);
  FactsPtr facts(const Target* target) const;

  Client& client_;
  Lane& lane_;
  CompletionCall& call_;
  ReplyTerms& terms_;
  const MonotonicTime begun_;
  BodyBuffer body_;
  RequestScan scan_;
  Target target_;
  std::optional<SplicedBody> spliced_;
  UpstreamRequest request_;
  std::optional<Tap> tap_;
  // They end before what they work with.
  std::optional<UpstreamCall> upstream_;
  std::optional<RequestReport> report_;
};

}  // namespace vdm::proxy
