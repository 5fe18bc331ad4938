#include "proxy-service/retry/retry.h"

#include <algorithm>
#include <charconv>

#include "proxy-service/retry/key_ring.h"

namespace vdm::proxy {
namespace {

using std::chrono::milliseconds;

/// The steps that a failure allows (see the table in the service's README).
struct Remedy {
  bool same_way = false;
  bool next_key = false;
  bool next_target = false;
};

Remedy remedy_for(const AttemptFailure& failed) {
  switch (failed.kind) {
    case AttemptFailure::Kind::NoAddress:
    case AttemptFailure::Kind::NoConnection:
    case AttemptFailure::Kind::ConnectTimeout:
    case AttemptFailure::Kind::Reset:
    case AttemptFailure::Kind::EmptyStream:
      return {.same_way = true, .next_target = true};
    // Another try would give the same result, or take as long.
    case AttemptFailure::Kind::Untrusted:
    case AttemptFailure::Kind::FirstByteTimeout:
    case AttemptFailure::Kind::FirstTokenTimeout:
    case AttemptFailure::Kind::BreakerOpen:
      return {.next_target = true};
    case AttemptFailure::Kind::Interrupted:
      return {};
    case AttemptFailure::Kind::Status:
      break;
  }
  switch (failed.status) {
    case 429:
    case 503:
    case 529:
      return {.same_way = true, .next_key = true, .next_target = true};
    case 500:
    case 502:
    case 504:
      return {.same_way = true, .next_target = true};
    case 401:
    case 403:
      return {.next_key = true};
    default:
      return {};  // the client's mistake, or a failure that no retry mends
  }
}

/// Whether the provider has got nothing of the request.
bool is_unsent(const AttemptFailure& failed) {
  switch (failed.kind) {
    case AttemptFailure::Kind::NoAddress:
    case AttemptFailure::Kind::NoConnection:
    case AttemptFailure::Kind::ConnectTimeout:
    case AttemptFailure::Kind::Untrusted:
    case AttemptFailure::Kind::BreakerOpen:
      return true;
    default:
      return false;
  }
}

/// How long to wait before the same target and key are tried again; nothing: do not retry them.
std::optional<milliseconds> pause(const RetryLimits& limits, const AttemptFailure& failed,
                                  const RetryState& state, double chance) {
  const std::uint32_t doublings = std::min<std::uint32_t>(state.retries, 16);
  const auto ceiling = std::min(limits.backoff_max, limits.backoff_first * (1U << doublings));
  const auto jitter =
      milliseconds(static_cast<milliseconds::rep>(chance * static_cast<double>(ceiling.count())));
  milliseconds wait = jitter;
  if (failed.retry_after) {
    if (*failed.retry_after > limits.retry_after_max) return std::nullopt;
    // Other requests got the same Retry-After, so add jitter lest all return at once.
    wait = *failed.retry_after + std::min(jitter, limits.backoff_first);
  }
  if (state.elapsed + wait > limits.time_max) return std::nullopt;
  return wait;
}

/// "10" -> 10; nothing unless the text is all digits.
std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc{} || at != end) return std::nullopt;
  return value;
}

/// Parses "Wed, 21 Oct 2015 07:28:00 GMT", the only form of a date that is still sent.
std::optional<std::chrono::sys_seconds> parse_date(std::string_view text) {
  constexpr std::string_view Form = "Wed, 21 Oct 2015 07:28:00 GMT";
  constexpr std::string_view Months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != Form.size()) return std::nullopt;
  for (const std::size_t i : {3, 4, 7, 11, 16, 19, 22, 25, 26, 27, 28}) {
    if (text[i] != Form[i]) return std::nullopt;
  }
  const auto month = Months.find(text.substr(8, 3));
  const auto day = number(text.substr(5, 2));
  const auto year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2));
  const auto minute = number(text.substr(20, 2));
  const auto second = number(text.substr(23, 2));
  if (month == Months.npos || month % 3 != 0) return std::nullopt;
  if (!day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(month) / 3 + 1),
                                         std::chrono::day(*day));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

/// 0 for a past date. It compares seconds first, because a far date overflows nanoseconds.
std::optional<milliseconds> until(std::optional<std::chrono::sys_seconds> date, SystemTime now) {
  constexpr std::chrono::hours Most{24};
  if (!date) return std::nullopt;
  const auto seconds = *date - std::chrono::floor<std::chrono::seconds>(now);
  if (seconds.count() <= 0) return milliseconds(0);
  if (seconds >= Most) return Most;
  return std::chrono::ceil<milliseconds>(*date - now);
}

}  // namespace

Retry next_step(const RetryLimits& limits, const AttemptFailure& failed, const RetryState& state,
                RetryBudget& budget, double chance) {
  if (state.body_started || state.attempts >= limits.attempts_max) return {};
  if (!state.repeatable && !is_unsent(failed)) return {};
  const bool not_found = failed.kind == AttemptFailure::Kind::Status && failed.status == 404;
  if (not_found && state.reads_stored && state.has_next_key) return {NextStep::NextKey};
  const Remedy remedy = remedy_for(failed);

  if (remedy.next_key && state.has_next_key) {
    // A refused key adds no load; another try at an overloaded provider does.
    if (is_about_the_key(failed.status) || budget.take_retry()) return {NextStep::NextKey};
  }
  // When the provider is overloaded, prefer another target to waiting for this one.
  const bool overloaded = remedy.next_key;
  if (overloaded && remedy.next_target && state.has_next_target) return {NextStep::NextTarget};

  if (remedy.same_way && state.retries < limits.retries_max) {
    const auto wait = pause(limits, failed, state, chance);
    if (wait && budget.take_retry()) return {NextStep::SameKey, *wait};
  }
  if (remedy.next_target && state.has_next_target) return {NextStep::NextTarget};
  return {};
}

std::optional<milliseconds> parse_retry_after(std::string_view text, SystemTime now) {
  constexpr double SecondsMax = 86'400;
  if (text.empty() || text.front() < '0' || text.front() > '9') {
    return until(parse_date(text), now);
  }
  double seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [at, fault] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  if (at != end) return std::nullopt;
  // A number too large to parse is also beyond our limit.
  if (fault == std::errc::result_out_of_range) seconds = SecondsMax;
  return milliseconds(static_cast<milliseconds::rep>(std::min(seconds, SecondsMax) * 1000));
}

}  // namespace vdm::proxy
