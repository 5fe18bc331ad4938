#pragma once

#include <optional>

#include "proxy-service/body/splice.h"
#include "proxy-service/completion/body_reader.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/upstream/whole_answer.h"

namespace vdm::proxy {

/// One POST /v1/messages/count_tokens. A provider of the Anthropic dialect is asked, and its
/// answer is passed on; for one that has no such question, and for the OpenAI dialect,
/// the count is our own estimate, which a header says. Never a completion, so that
/// nothing is paid for or reported. Thread: its IoThread.
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
  /// Whether the provider had an answer, which then has been passed on, or was refused.
  Task<bool> ask_provider(const Target& target, const RequestScan& scan);
  Task<void> pass_on(const WholeAnswer& answer);
  Task<void> estimate();
  Task<void> refuse(const Refusal& refusal);

  ClientConnection& client_;
  Worker& worker_;
  ClientRequest& request_;
  ReplyTerms& terms_;
  BodyBuffer body_;
};

}  // namespace vdm::proxy
