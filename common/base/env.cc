#include "common/base/env.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "common/base/text.h"

extern char** environ;

namespace vdm {
namespace {

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Env Env::of_process() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals + 1 == text.size()) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return Env(std::move(variables));
}

std::optional<std::string> Env::get(std::string_view name) const {
  const auto found = variables_.find(std::string(name));
  if (found == variables_.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

Error expected(std::string_view key, std::string_view what, std::string_view got) {
  std::string message(key);
  message.append(": expected ")
      .append(what)
      .append(", got '")
      .append(got.substr(0, 80))
      .append("'");
  return Error{ErrorKind::InvalidRequest, std::move(message)};
}

Result<std::uint16_t> parse_port(std::string_view key, std::string_view text) {
  const auto number = whole_number<std::uint32_t>(text);
  if (!number || *number == 0 || *number > 65535) return expected(key, "1..65535", text);
  return static_cast<std::uint16_t>(*number);
}

Result<std::uint64_t> parse_count(std::string_view key, std::string_view text, std::uint64_t min,
                                  std::uint64_t max) {
  const auto number = whole_number<std::uint64_t>(text);
  if (!number || *number < min || *number > max) {
    return expected(key, std::to_string(min) + ".." + std::to_string(max), text);
  }
  return *number;
}

Result<bool> parse_bool(std::string_view key, std::string_view text) {
  const std::string lowered = lower(text);
  if (lowered == "true" || lowered == "1" || lowered == "yes" || lowered == "on") return true;
  if (lowered == "false" || lowered == "0" || lowered == "no" || lowered == "off") return false;
  return expected(key, "true or false", text);
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

Result<Secret> parse_secret(std::string_view key, std::string_view text) {
  if (is_visible(text)) return Secret(std::string(text));
  return Error{ErrorKind::InvalidRequest,
               std::string(key) + ": expected visible ASCII characters without spaces"};
}

}  // namespace vdm
