#pragma once

#include <optional>

#include "proxy-service/body/splice.h"
#include "proxy-service/completion/body_reader.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/upstream/whole_answer.h"

namespace vdm::proxy {

/// One POST /v1/messages/count_tokens. The proxy passes it to a provider's door of the Anthropic
/// dialect and relays the answer. For a provider that does not count or has no such door, the proxy
/// answers with its own estimate and a header that says so. It is not a completion, so it costs
/// nothing and is not reported. Thread: its IoThread.
class TokenCount {
 public:
  TokenCount(ClientConnection& client, ClientRequest& request, ReplyTerms& terms)
      : client_(client),
        worker_(client.worker()),
        request_(request),
        terms_(terms),
        body_(worker_.bodies) {}

  Task<void> run();

 private:
  Task<std::optional<Refusal>> read_body();
  /// False when the provider does not count tokens; else the client has been answered or refused.
  Task<bool> ask_provider(const Target& target, const RequestScan& scan);
  Task<void> pass_on(WholeAnswer& answer);
  Task<void> estimate();
  Task<void> refuse(const Refusal& refusal);

  ClientConnection& client_;
  Worker& worker_;
  ClientRequest& request_;
  ReplyTerms& terms_;
  BodyBuffer body_;
};

}  // namespace vdm::proxy
