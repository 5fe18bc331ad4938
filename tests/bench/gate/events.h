#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "proto/contract/event.h"

namespace vdm::gate {

/// The facts of a request of usual size; each `number` makes a different request.
inline FactsPtr facts(std::size_t number) {
  const std::string digits = std::to_string(number + 100'000'000);
  auto facts = std::make_shared<RequestFacts>();
  facts->request_id = "req_0123456789abcdef0123456789abcdef_" + digits;
  facts->started_at = WallTime(std::chrono::seconds(1'764'000'000));
  facts->client_dialect = facts->upstream_dialect = Dialect::OpenAi;
  facts->requested_model = facts->resolved_model = "claude-sonnet-4-5-20250929";
  facts->provider = "anthropic";
  facts->streaming = true;
  facts->message_count = 12;
  facts->request_bytes = 2048;
  facts->user_agent = "Anthropic/Python 0.39.0";
  facts->trace_id = "0123456789abcdef0123456789abcdef";
  return facts;
}

inline Ended ended(FactsPtr facts) {
  Ended ended;
  ended.facts = std::move(facts);
  ended.outcome = Outcome::Ok;
  ended.http_status = 200;
  ended.duration = std::chrono::milliseconds(1500);
  ended.ttft = std::chrono::milliseconds(100);
  ended.answered_as_asked = true;
  ended.usage.input_tokens = 512;
  ended.usage.output_tokens = 256;
  ended.finish_reason = "stop";
  ended.response_bytes = 4096;
  ended.attempts.push_back({.provider = "anthropic",
                            .resolved_model = "claude-sonnet-4-5-20250929",
                            .http_status = 200,
                            .connection_reused = true});
  return ended;
}

}  // namespace vdm::gate
