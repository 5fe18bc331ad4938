#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/host_port.h"
#include "common/base/result.h"

namespace vdm::settings {

/// What a setting's value may be, and how its text is parsed, for both services. Pure. Thread: any.

inline constexpr std::int64_t KiB = 1024;
inline constexpr std::int64_t MiB = 1024 * KiB;
inline constexpr std::int64_t GiB = 1024 * MiB;
/// Longer than any wait, and short enough to be added to any time.
inline constexpr std::chrono::milliseconds LongestTime = std::chrono::hours(366 * 24);

enum class Kind : std::uint8_t {
  Text,
  Secret,    ///< visible ASCII; never printed
  Truth,     ///< true or false
  Count,     ///< a whole number
  Bytes,     ///< "65536", "32KiB"
  Duration,  ///< "0.5", "90s"; parsed into milliseconds
  Address,   ///< "host:port"
  List,      ///< separated by commas; blanks around an item are ignored
};

struct Rule {
  Kind kind = Kind::Text;
  /// For Count, Bytes and Duration.
  std::int64_t least = 0;
  std::int64_t most = 0;
  /// For Text, Secret and each item of a List: what is expected, and the check.
  std::string_view expected{};
  bool (*accepts)(std::string_view text) = nullptr;  ///< null: accepts any text

  bool is_number() const {
    return kind == Kind::Count || kind == Kind::Bytes || kind == Kind::Duration;
  }
  /// "1..1024", "1KiB..2GiB", "1ms..8784h"; empty for a kind that is not a number.
  std::string range() const;
};

constexpr Rule count(std::int64_t least, std::int64_t most) {
  return {.kind = Kind::Count, .least = least, .most = most};
}
constexpr Rule port() { return count(1, 65'535); }
constexpr Rule bytes(std::int64_t least, std::int64_t most) {
  return {.kind = Kind::Bytes, .least = least, .most = most};
}
constexpr Rule duration(std::chrono::milliseconds least = std::chrono::milliseconds(1)) {
  return {.kind = Kind::Duration, .least = least.count(), .most = LongestTime.count()};
}
constexpr Rule truth() { return {.kind = Kind::Truth}; }
constexpr Rule address() { return {.kind = Kind::Address}; }
constexpr Rule secret() { return {.kind = Kind::Secret}; }
constexpr Rule secret(std::string_view expected, bool (*accepts)(std::string_view)) {
  return {.kind = Kind::Secret, .expected = expected, .accepts = accepts};
}
constexpr Rule text() { return {}; }
constexpr Rule text(std::string_view expected, bool (*accepts)(std::string_view)) {
  return {.expected = expected, .accepts = accepts};
}
constexpr Rule list(std::string_view expected, bool (*accepts)(std::string_view)) {
  return {.kind = Kind::List, .expected = expected, .accepts = accepts};
}
/// An address to listen on, a URL of one's own service, names of hosts, a level of the log.
Rule host();
Rule url();
Rule host_names();
/// Origins as browsers name them: a scheme, a host and perhaps a port.
Rule origins();
/// Addresses and networks: 10.0.0.2, 10.0.0.0/8, 2001:db8::/32.
Rule ip_ranges();
Rule log_level();
/// Only the words that confirm an open address on purpose.
Rule open_bind();
inline constexpr std::string_view OpenBindWords = "yes-anyone-may-call";

/// A setting's parsed value. Members that its kind does not use are empty.
struct Value {
  std::string text;         ///< as it is written
  std::int64_t number = 0;  ///< Count; Bytes; Duration: milliseconds; Truth: 0 or 1
  HostPort address{};
  std::vector<std::string> list{};
};

/// Parses a text that was found under the name `key`. An error names the key, what was expected and
/// what was found: "PORT: expected 1..65535, got '80x'". It never repeats a secret.
Result<Value> parse(const Rule& rule, std::string_view key, const std::string& text);

}  // namespace vdm::settings
