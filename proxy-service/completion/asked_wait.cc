#include "proxy-service/completion/asked_wait.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "common/base/text.h"
#include "proxy-service/retry/retry.h"

namespace vdm::proxy {
namespace {

using std::chrono::milliseconds;

constexpr double MostSeconds = 86'400;

milliseconds bounded(double seconds) {
  return milliseconds(
      static_cast<milliseconds::rep>(std::clamp(seconds, 0.0, MostSeconds) * 1000.0));
}

/// Takes a number off the front of the text.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, fault] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (fault != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  return number;
}

/// "6m30.5s", as Go writes a duration: the seconds.
std::optional<double> parse_duration(std::string_view text) {
  constexpr std::pair<std::string_view, double> Units[] = {
      {"ms", 0.001}, {"us", 0.000'001}, {"h", 3600}, {"m", 60}, {"s", 1}};
  double seconds = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    const auto unit =
        std::ranges::find_if(Units, [&](const auto& each) { return text.starts_with(each.first); });
    if (!number || unit == std::end(Units)) return std::nullopt;
    seconds += *number * unit->second;
    text.remove_prefix(unit->first.size());
  }
  return seconds;
}

/// "2026-08-10T12:10:00Z": seconds since 1970.
std::optional<double> parse_time(std::string_view text) {
  constexpr std::string_view Form = "2026-08-10T12:10:00";
  if (text.size() <= Form.size() || text.back() != 'Z') return std::nullopt;
  int parts[6] = {};
  constexpr std::size_t At[] = {0, 5, 8, 11, 14, 17};
  for (std::size_t i = 0; i < 6; ++i) {
    const char* const begin = text.data() + At[i];
    const char* const end = begin + (i == 0 ? 4 : 2);
    const auto [at, fault] = std::from_chars(begin, end, parts[i]);
    if (fault != std::errc{} || at != end) return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(parts[0]),
                                         std::chrono::month(static_cast<unsigned>(parts[1])),
                                         std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return static_cast<double>(days) * MostSeconds + parts[3] * 3600 + parts[4] * 60 + parts[5];
}

/// The sibling field that says how much of a limit is left.
std::string remaining_field(std::string_view reset_field) {
  std::string name = lower(reset_field);
  return name.replace(name.find("reset"), 5, "remaining");
}

std::optional<milliseconds> first_renewal(const http1::Fields& fields, SystemTime now) {
  std::optional<milliseconds> used_up;
  std::optional<milliseconds> first;
  for (const http1::Field field : fields) {
    if (field.known != http1::FieldName::Other) continue;
    const std::string name = lower(field.name);
    if (!contains(name, "ratelimit") || !contains(name, "reset")) continue;
    const auto wait = parse_renewal(field.value, now);
    if (!wait) continue;
    const auto left = fields.get(remaining_field(name));
    if (left && *left == "0") used_up = std::max(used_up.value_or(*wait), *wait);
    first = std::min(first.value_or(*wait), *wait);
  }
  return used_up ? used_up : first;
}

}  // namespace

std::optional<milliseconds> parse_renewal(std::string_view text, SystemTime now) {
  constexpr double EpochSecondsMin = 1e9;  // 2001; no wait is as long
  constexpr double EpochMillisecondsMin = 1e12;
  const double today = std::chrono::duration<double>(now.time_since_epoch()).count();
  if (const auto at = parse_time(text)) return bounded(*at - today);
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (!number) return std::nullopt;
  if (!rest.empty()) {
    const auto seconds = parse_duration(text);
    return seconds ? std::optional(bounded(*seconds)) : std::nullopt;
  }
  if (*number >= EpochMillisecondsMin) return bounded(*number / 1000 - today);
  return bounded(*number >= EpochSecondsMin ? *number - today : *number);
}

std::optional<milliseconds> asked_wait(int status, const http1::Fields& fields, SystemTime now) {
  if (const auto said = fields.get("retry-after-ms")) {
    std::string_view rest = *said;
    const auto number = take_number(rest);
    if (number && rest.empty()) return bounded(*number / 1000);
  }
  if (const auto said = fields.get(http1::FieldName::RetryAfter)) {
    if (const auto wait = parse_retry_after(*said, now)) return wait;
  }
  // Such fields come with every answer, and tell something of this one only when a limit is why.
  return status == 429 ? first_renewal(fields, now) : std::nullopt;
}

}  // namespace vdm::proxy
