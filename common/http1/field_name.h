#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace vdm::http1 {

/// The field names we act on. The parser recognises them once, so that finding a
/// field later is one array access. Thread: any (pure functions).
enum class FieldName : std::uint8_t {
  Other,
  Accept,
  AcceptEncoding,
  AnthropicBeta,
  AnthropicVersion,
  Authorization,
  Connection,
  ContentEncoding,
  ContentLength,
  ContentType,
  Cookie,
  Date,
  Expect,
  Forwarded,
  Host,
  KeepAlive,
  LastEventId,
  Location,
  OpenaiBeta,
  OpenaiOrganization,
  OpenaiProject,
  Origin,
  ProxyAuthenticate,
  ProxyAuthorization,
  ProxyConnection,
  RequestId,
  RetryAfter,
  SecFetchSite,
  Server,
  SetCookie,
  Te,
  Traceparent,
  Tracestate,
  Trailer,
  TransferEncoding,
  Upgrade,
  UserAgent,
  Via,
  XApiKey,
  XForwardedFor,
  XForwardedHost,
  XForwardedProto,
  XRealIp,
  XRequestId,
};

inline constexpr std::size_t FieldNameCount = static_cast<std::size_t>(FieldName::XRequestId) + 1;

/// A set of known names; hold() is one array access.
class FieldNames {
 public:
  constexpr FieldNames(std::initializer_list<FieldName> names) {
    for (const FieldName name : names) holds_[static_cast<std::size_t>(name)] = true;
  }
  constexpr bool hold(FieldName name) const { return holds_[static_cast<std::size_t>(name)]; }

 private:
  std::array<bool, FieldNameCount> holds_{};
};

/// Fields that end at each hop, so that we never pass them on; `Connection` may name more.
inline constexpr FieldNames HopByHop{FieldName::Connection,
                                     FieldName::KeepAlive,
                                     FieldName::ProxyAuthenticate,
                                     FieldName::ProxyAuthorization,
                                     FieldName::ProxyConnection,
                                     FieldName::Te,
                                     FieldName::Trailer,
                                     FieldName::TransferEncoding,
                                     FieldName::Upgrade};

/// The name in lower case; empty for Other.
std::string_view text_of(FieldName name);

/// Which of our names this is, in any case; Other when none. `name` has no control characters but
/// may have any other byte: each of our names is a token.
FieldName recognise(std::string_view name);

/// Whether every byte may stand in a field name or method, and there is at least one.
bool is_token(std::string_view text);

/// Where the first control character other than tab stands in [from, to) of
/// `text`; `to` when there is none.
std::size_t find_control(const char* text, std::size_t from, std::size_t to);

/// Whether no byte is a control character other than tab.
inline bool is_field_value(std::string_view text) {
  return find_control(text.data(), 0, text.size()) == text.size();
}

bool equal_ignoring_case(std::string_view a, std::string_view b);

/// `text` without the spaces and tabs around it.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

namespace bytes {
/// Which bytes may stand in a name (RFC 9110).
inline constexpr std::array<bool, 256> Token = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<std::size_t>(c)] = true;
  }
  return table;
}();

constexpr bool is_token_byte(char c) { return Token[static_cast<unsigned char>(c)]; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// A control character that may not stand in a value: everything below space but tab, and DEL.
constexpr bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
}  // namespace bytes

}  // namespace vdm::http1
