#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/clock.h"
#include "proxy-service/retry/retry_budget.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Whether a request that a provider failed is sent again, when, and which way.
/// Never once anything has reached the client. Pure: time and chance are arguments.

struct RetryLimits {
  std::uint32_t retries_max = 2;      ///< by the same way: same target, same key
  std::uint32_t attempts_max = 8;     ///< of one request in all, keys and targets included
  std::uint32_t budget_percent = 10;  ///< retries in a hundred requests
  std::uint32_t budget_burst = 10;    ///< retries beyond that, at once
  std::chrono::milliseconds backoff_first{250};
  std::chrono::milliseconds backoff_max{4'000};
  std::chrono::milliseconds retry_after_max{20'000};  ///< longer is not waited for
  std::chrono::milliseconds time_max{60'000};         ///< after that no more waiting

  friend bool operator==(const RetryLimits&, const RetryLimits&) = default;
};

/// Those of one request: its profile's word wins over its provider's.
inline RetryLimits limits_of(RetryLimits limits, const Provider& provider,
                             const ProfileTerms& terms) {
  limits.retries_max = terms.retries_max.value_or(provider.retries_max);
  return limits;
}

/// How an attempt ended before anything reached the client.
struct AttemptFailure {
  enum class Kind : std::uint8_t {
    Status,             ///< the provider answered with an error; `status` says which
    NoConnection,       ///< refused, unreachable, or its name unknown
    ConnectTimeout,     ///< or the time for TLS
    Reset,              ///< cut before the answer's head, or a head that is none
    Untrusted,          ///< its certificate is not one we trust
    FirstByteTimeout,   ///< no head in time
    FirstTokenTimeout,  ///< a head, and no token in time
    EmptyStream,        ///< status 200 and nothing in it
    BreakerOpen,        ///< not even tried
    Interrupted,        ///< by the client, an operator or a shutdown
  };

  Kind kind = Kind::Status;
  int status = 0;  ///< of Kind::Status; for a stream that begins with an error, the error's own
  std::optional<std::chrono::milliseconds> retry_after{};
};

/// Where the request stands, that attempt included.
struct RetryState {
  std::uint32_t attempts = 1;  ///< of any kind
  std::uint32_t retries = 0;   ///< by the same way, so far
  std::chrono::milliseconds elapsed{0};
  bool body_started = false;  ///< the client has been sent something
  bool has_next_key = false;
  bool has_next_target = false;
};

enum class NextStep : std::uint8_t { GiveUp, SameWay, NextKey, NextTarget };

struct Retry {
  NextStep step = NextStep::GiveUp;
  std::chrono::milliseconds after{0};
};

/// `chance`: 0 up to 1, for the jitter. What is sent to the same provider again
/// takes from the budget, but for another key in place of one that was refused.
Retry next_step(const RetryLimits& limits, const AttemptFailure& failed, const RetryState& state,
                RetryBudget& budget, double chance);

/// Retry-After as seconds, with a fraction or not, or as a date, which `now` is for.
/// Nothing when it cannot be read; a date that is past is 0; more than a day is a day.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text, SystemTime now);

}  // namespace vdm::proxy
