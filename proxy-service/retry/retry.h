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

/// Decides whether a request is sent again after a failed attempt, when, and with which key or
/// target. Never after the client's first byte. Pure: the caller passes time and chance.

struct RetryLimits {
  std::uint32_t retries_max = 2;      ///< with the same target and key
  std::uint32_t attempts_max = 8;     ///< of one request in all, other keys and targets included
  std::uint32_t budget_percent = 10;  ///< retries per hundred requests
  std::uint32_t budget_burst = 10;    ///< retries beyond that, at once
  std::chrono::milliseconds backoff_first{250};
  std::chrono::milliseconds backoff_max{4'000};
  std::chrono::milliseconds retry_after_max{20'000};  ///< the longest to wait for
  std::chrono::milliseconds time_max{60'000};         ///< an older one never waits

  friend bool operator==(const RetryLimits&, const RetryLimits&) = default;
};

/// The limits of one request: the profile's setting wins over the provider's.
inline RetryLimits limits_of(RetryLimits limits, const Provider& provider,
                             const ProfileTerms& terms) {
  limits.retries_max = terms.retries_max.value_or(provider.retries_max);
  return limits;
}

/// How an attempt failed before the client's first byte.
struct AttemptFailure {
  enum class Kind : std::uint8_t {
    Status,             ///< the provider answered with the error `status`
    NoAddress,          ///< its name could not be looked up
    NoConnection,       ///< refused or unreachable
    ConnectTimeout,     ///< to connect, or to agree on TLS
    Reset,              ///< cut before a complete head, or the head is malformed
    Untrusted,          ///< its certificate is not trusted
    FirstByteTimeout,   ///< no head in time
    FirstTokenTimeout,  ///< a head, and no token in time
    EmptyStream,        ///< status 200 and an empty body
    BreakerOpen,        ///< the breaker gave no permit
    Interrupted,        ///< by the client, an operator or a shutdown
  };

  Kind kind = Kind::Status;
  int status = 0;  ///< for Kind::Status; for an error in a 200, the status it stands for
  std::optional<std::chrono::milliseconds> retry_after{};
};

/// How far the request has come, the failed attempt included.
struct RetryState {
  std::uint32_t attempts = 1;  ///< of all kinds
  std::uint32_t retries = 0;   ///< with the same target and key
  std::chrono::milliseconds elapsed{0};
  bool body_started = false;  ///< the client has the first byte
  bool repeatable = true;     ///< else only what no provider has got any of is sent again
  bool reads_stored = false;  ///< what one key of the provider has stored, no other knows
  bool has_next_key = false;
  bool has_next_target = false;
};

/// Adapted: the same key again, without a member that the provider refused.
enum class NextStep : std::uint8_t { GiveUp, SameKey, NextKey, NextTarget, Adapted };

struct Retry {
  NextStep step = NextStep::GiveUp;
  std::chrono::milliseconds after{0};
};

/// `chance`: from 0 up to 1, for the jitter. A further call to the same provider takes from the
/// budget, except with another key after a refused one.
Retry next_step(const RetryLimits& limits, const AttemptFailure& failed, const RetryState& state,
                RetryBudget& budget, double chance);

/// Reads Retry-After: seconds, possibly with a fraction, or a date, which is compared with `now`.
/// Nothing when it is malformed. A past date is 0; the most is a day.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text, SystemTime now);

}  // namespace vdm::proxy
