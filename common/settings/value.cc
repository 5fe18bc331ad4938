#include "common/settings/value.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "common/base/env.h"
#include "common/base/host_port.h"
#include "common/base/ip_address.h"
#include "common/base/log.h"

namespace vdm::settings {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t size;
};
// The largest stands last, so that a range is printed in the largest unit that fits.
constexpr std::array<Unit, 4> ByteUnits{{{"", 1}, {"KiB", KiB}, {"MiB", MiB}, {"GiB", GiB}}};
constexpr std::array<Unit, 4> TimeUnits{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
constexpr Unit Seconds{"", 1000};

/// Multiplies the number by its unit: "500ms", "64KiB". Nothing when the text is neither.
template <std::size_t Count>
std::optional<std::int64_t> quantity(std::string_view text, const std::array<Unit, Count>& units,
                                     Unit unnamed) {
  constexpr double Largest = 1e15;
  double number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
  const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto named = std::ranges::find(units, name, &Unit::name);
  if (!name.empty() && named == units.end()) return std::nullopt;
  const double total = number * static_cast<double>(name.empty() ? unnamed.size : named->size);
  if (total > Largest) return std::nullopt;
  return std::llround(total);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <std::size_t Count>
std::string in_units(std::int64_t number, const std::array<Unit, Count>& units) {
  if (number == 0) return "0";
  Unit largest = units.front();
  for (const Unit& unit : units) {
    if (number % unit.size == 0) largest = unit;
  }
  return std::to_string(number / largest.size).append(largest.name);
}

std::optional<std::int64_t> number_of(const Rule& rule, std::string_view text) {
  if (rule.kind == Kind::Bytes) return quantity(text, ByteUnits, ByteUnits.front());
  if (rule.kind == Kind::Duration) return quantity(text, TimeUnits, Seconds);
  return whole_number(text);
}

std::string expected_number(const Rule& rule) {
  if (rule.kind == Kind::Count) return rule.range();
  const std::string_view like = rule.kind == Kind::Bytes ? "a size such as 65536, 32KiB or 64MiB"
                                                         : "a duration such as 0.5, 90s or 5m";
  return std::string(like).append(" within ").append(rule.range());
}

Result<Value> parse_number(const Rule& rule, std::string_view key, const std::string& text) {
  const auto number = number_of(rule, text);
  if (!number || *number < rule.least || *number > rule.most) {
    return expected(key, expected_number(rule), text);
  }
  return Value{.text = text, .number = *number};
}

Result<Value> parse_list(const Rule& rule, std::string_view key, const std::string& text) {
  Value value{.text = text};
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item.empty()) continue;
    if (rule.accepts != nullptr && !rule.accepts(item)) return expected(key, rule.expected, item);
    value.list.emplace_back(item);
  }
  return value;
}

bool is_host(std::string_view text) { return is_visible(text); }

bool is_url(std::string_view text) {
  return (text.starts_with("http://") || text.starts_with("https://")) && is_visible(text);
}

bool is_host_name(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view(".-_:[]").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

/// A scheme, a host and perhaps a port, as browsers write them: what they leave out or put after it
/// would never be equal. Other schemes than http are those of programs with a browser inside.
bool is_origin(std::string_view text) {
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos || mark == 0) return false;
  const std::string_view scheme = text.substr(0, mark);
  const std::string_view host = text.substr(mark + 3);
  const bool is_scheme =
      std::isalpha(static_cast<unsigned char>(scheme.front())) != 0 &&
      std::ranges::all_of(scheme, [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("+-.").find(static_cast<char>(c)) != std::string_view::npos;
      });
  return is_scheme && !host.empty() && is_host_name(host);
}

bool is_ip_range(std::string_view text) { return parse_ip_range(text).has_value(); }

bool is_log_level(std::string_view text) { return log::parse_level("", text).has_value(); }

bool is_open_bind(std::string_view text) { return text == OpenBindWords; }

}  // namespace

std::string Rule::range() const {
  if (!is_number()) return {};
  const auto written_bound = [this](std::int64_t number) {
    if (kind == Kind::Bytes) return in_units(number, ByteUnits);
    if (kind == Kind::Duration) return in_units(number, TimeUnits);
    return std::to_string(number);
  };
  return written_bound(least).append("..").append(written_bound(most));
}

Rule host() { return text("a host name or address", is_host); }
Rule url() { return text("a URL such as https://host", is_url); }
Rule host_names() { return list("host names separated by commas", is_host_name); }
Rule origins() {
  return list("origins such as https://app.example.com, without a path", is_origin);
}
Rule ip_ranges() {
  return list("addresses or networks such as 10.0.0.2 or 10.0.0.0/8, but not all", is_ip_range);
}
Rule log_level() { return text("DEBUG, INFO, WARNING or ERROR", is_log_level); }
Rule open_bind() { return text(OpenBindWords, is_open_bind); }

Result<Value> parse(const Rule& rule, std::string_view key, const std::string& text) {
  switch (rule.kind) {
    case Kind::Count:
    case Kind::Bytes:
    case Kind::Duration:
      return parse_number(rule, key, text);
    case Kind::List:
      return parse_list(rule, key, text);
    case Kind::Truth: {
      const auto parsed = parse_bool(key, text);
      if (!parsed) return parsed.error();
      return Value{.text = text, .number = *parsed ? 1 : 0};
    }
    case Kind::Address: {
      const auto parsed = parse_host_port(key, text);
      if (!parsed) return parsed.error();
      return Value{.text = text, .address = *parsed};
    }
    case Kind::Secret: {
      const auto parsed = parse_secret(key, text);
      if (!parsed) return parsed.error();
      if (rule.accepts != nullptr && !rule.accepts(text)) {
        return Error{ErrorKind::InvalidRequest,
                     std::string(key) + ": expected " + std::string(rule.expected)};
      }
      return Value{.text = text};
    }
    case Kind::Text:
      if (rule.accepts != nullptr && !rule.accepts(text)) return expected(key, rule.expected, text);
      return Value{.text = text};
  }
  std::abort();  // every kind is listed above; -Wswitch keeps it so
}

}  // namespace vdm::settings
