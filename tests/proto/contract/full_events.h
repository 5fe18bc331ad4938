#pragma once

#include <memory>

#include "proto/contract/event.h"

namespace vdm {

/// Events with every field set, each to a value of its own.

inline RequestFacts full_facts() {
  return RequestFacts{.request_id = "req_ab_1",
                      .started_at = WallTime(Micros(1'700'000'000'123'456)),
                      .client_dialect = Dialect::Anthropic,
                      .upstream_dialect = Dialect::OpenAi,
                      .requested_model = "demo:chat",
                      .resolved_model = "chat-1",
                      .provider = "demo",
                      .streaming = true,
                      .message_count = 3,
                      .request_bytes = 4096,
                      .tool_use_count = 5,
                      .tool_result_count = 6,
                      .client_label = "0123456789ab",
                      .user_agent = "agent/1.0 (ü)",
                      .session_id = "session-7",
                      .agent_id = "agent-8",
                      .trace_id = "0af7651916cd43dd8448eb211c80319c",
                      .attempt_group = "group-9",
                      .kind = "embeddings",
                      .credential = Credential::Subscription};
}

inline Usage full_usage() {
  return Usage{.input_tokens = 11,
               .output_tokens = 12,
               .cache_read_tokens = 13,
               .cache_creation_tokens = 14,
               .reasoning_tokens = 15,
               .input_estimated = true,
               .output_estimated = true};
}

inline Progressed full_progress() {
  return Progressed{.request_id = "req_ab_1",
                    .phase = Phase::Streaming,
                    .elapsed = Micros(21),
                    .ttft = Micros(22),
                    .usage = full_usage(),
                    .response_bytes = 23,
                    .tool_call_count = 24,
                    .attempt = 25,
                    .since_last_byte = Micros(26),
                    .other_model = "chat-0"};
}

inline Ended full_ended() {
  return Ended{.facts = std::make_shared<const RequestFacts>(full_facts()),
               .outcome = Outcome::UpstreamError,
               .http_status = 502,
               .error_type = "overloaded_error",
               .error_message = "try again",
               .duration = Micros(31),
               .ttft = Micros(32),
               .usage = full_usage(),
               .tool_call_count = 33,
               .finish_reason = "tool_use",
               .response_bytes = 34,
               .attempts = {Attempt{.provider = "demo",
                                    .resolved_model = "chat-1",
                                    .http_status = 529,
                                    .error_type = "overloaded_error",
                                    .started_after = Micros(41),
                                    .connected_after = Micros(42),
                                    .first_byte_after = Micros(43),
                                    .ended_after = Micros(44),
                                    .connection_reused = true},
                            Attempt{.provider = "spare"}},
               .overhead = Micros(35),
               .answered_name = "chat-0",
               .model_mismatch = true};
}

}  // namespace vdm
