#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace vdm {

/// The C++ form of proto/vdm/metrics/v1/event.proto: what happens to a request, as plain values.
/// The .proto file says what the fields mean; event_codec.h converts between the two. A request's
/// events share its facts and never copy them, because they do not change after the start. Thread:
/// any; a value is immutable once recorded.

enum class Dialect : std::uint8_t { Unspecified, Anthropic, OpenAi };
enum class Phase : std::uint8_t { Unspecified, Connecting, Waiting, Streaming, Draining };
enum class Outcome : std::uint8_t {
  Unspecified,
  Ok,
  UpstreamError,
  ClientCancelled,
  Timeout,
  Rejected,
  GatewayShutdown,
  CancelledByOperator,
  Lost,
};
enum class Credential : std::uint8_t { Unspecified, Key, ClientKey, Subscription, None };

using Micros = std::chrono::microseconds;
/// Wall-clock time, for display and order only; a monotonic clock measures the durations.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Micros>;

struct RequestFacts {
  std::string request_id{};
  WallTime started_at{};
  Dialect client_dialect = Dialect::Unspecified;
  Dialect upstream_dialect = Dialect::Unspecified;
  std::string requested_model{};
  std::string resolved_model{};
  std::string provider{};
  bool streaming = false;
  std::uint32_t message_count = 0;
  std::uint64_t request_bytes = 0;
  std::uint32_t tool_use_count = 0;
  std::uint32_t tool_result_count = 0;
  std::string client_label{};
  std::string user_agent{};
  std::string session_id{};
  std::string agent_id{};
  std::string trace_id{};
  std::string attempt_group{};
  std::string kind{};
  Credential credential = Credential::Unspecified;

  friend bool operator==(const RequestFacts&, const RequestFacts&) = default;
};
using FactsPtr = std::shared_ptr<const RequestFacts>;

struct Usage {
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::uint64_t cache_read_tokens = 0;
  std::uint64_t cache_creation_tokens = 0;
  std::uint64_t reasoning_tokens = 0;
  bool input_estimated = false;
  bool output_estimated = false;

  friend bool operator==(const Usage&, const Usage&) = default;
};

struct Attempt {
  std::string provider{};
  std::string resolved_model{};
  std::uint32_t http_status = 0;
  std::string error_type{};
  Micros started_after{0};
  Micros connected_after{0};
  Micros first_byte_after{0};
  Micros ended_after{0};
  bool connection_reused = false;

  friend bool operator==(const Attempt&, const Attempt&) = default;
};

struct Started {
  FactsPtr facts{};
};

struct Progressed {
  std::string request_id{};
  Phase phase = Phase::Unspecified;
  Micros elapsed{0};
  std::optional<Micros> ttft{};
  Usage usage{};
  std::uint64_t response_bytes = 0;
  std::uint32_t tool_call_count = 0;
  std::uint32_t attempt = 0;
  Micros since_last_byte{0};
  std::string other_model{};

  friend bool operator==(const Progressed&, const Progressed&) = default;
};

struct Ended {
  FactsPtr facts{};
  Outcome outcome = Outcome::Unspecified;
  std::uint32_t http_status = 0;
  std::string error_type{};
  std::string error_message{};
  Micros duration{0};
  std::optional<Micros> ttft{};
  Usage usage{};
  std::uint32_t tool_call_count = 0;
  std::string finish_reason{};
  std::uint64_t response_bytes = 0;
  std::vector<Attempt> attempts{};
  Micros overhead{0};
  /// The answer names `resolved_model` itself. Most answers do, so the name is not kept again:
  /// answered_model() tells it.
  bool answered_as_asked = false;
  std::string answered_name{};  ///< the name in the answer when it is not that very one
  bool model_mismatch = false;
};

/// What was asked for: `kind`, in full.
inline std::string_view kind_of(const RequestFacts& facts) {
  return facts.kind.empty() ? std::string_view("completion") : std::string_view(facts.kind);
}

inline void set_kind(RequestFacts& facts, std::string kind) {
  facts.kind = kind == "completion" ? std::string() : std::move(kind);
}

/// The model that the answer names; empty: none.
inline std::string_view answered_model(const Ended& ended) {
  return ended.answered_as_asked && ended.facts ? std::string_view(ended.facts->resolved_model)
                                                : std::string_view(ended.answered_name);
}
/// The facts must be there already.
inline void set_answered_model(Ended& ended, std::string name) {
  ended.answered_as_asked = !name.empty() && ended.facts && name == ended.facts->resolved_model;
  ended.answered_name = ended.answered_as_asked ? std::string() : std::move(name);
}

struct Gap {
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;
  std::uint64_t ended_count = 0;

  friend bool operator==(const Gap&, const Gap&) = default;
};

using Event = std::variant<Started, Progressed, Ended, Gap>;

}  // namespace vdm
