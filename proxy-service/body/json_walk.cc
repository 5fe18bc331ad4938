#include "proxy-service/body/json_walk.h"

#include <algorithm>

namespace vdm::proxy {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_number(std::string_view token) {
  const auto belongs = [](char c) {
    return is_digit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
  };
  return std::ranges::all_of(token, belongs);
}

}  // namespace

bool JsonWalk::pass_scalar() {
  const char c = peek();
  if (c != '"') {
    const std::string_view word = token();
    const JsonKey name(word);
    const bool known = c == '-' || is_digit(c)
                           ? is_number(word)
                           : name == "true" || name == "false" || name == "null";
    if (!known) return false;
  }
  ++at_;
  return true;
}

/// Ends the walk, for functions whose result cannot say that the text is malformed.
void JsonWalk::fail() {
  failed_ = true;
  at_ = index_.size();
}

bool JsonWalk::skip() {
  std::array<char, depth_max> closers;
  std::size_t open = 0;
  std::string_view key;
  for (;;) {
    const char c = peek();
    if (c == '{' || c == '[') {
      if (!enter(c)) return false;
      closers[open++] = c == '{' ? '}' : ']';
      if (peek() != closers[open - 1]) {
        if (c == '{' && !pass_key(key)) return false;
        continue;
      }
    } else if (!pass_scalar()) {
      return false;
    }
    // A value has ended: close the arrays and objects that end here, then pass the comma, if any.
    while (open > 0 && peek() == closers[open - 1]) {
      if (!leave(closers[open - 1])) return false;
      --open;
    }
    if (open == 0) return true;
    if (!pass(',')) return false;
    if (closers[open - 1] == '}' && !pass_key(key)) return false;
  }
}

std::optional<std::string_view> JsonWalk::string_or_skip() {
  if (peek() != '"') {
    if (!skip()) fail();
    return std::nullopt;
  }
  const std::string_view quoted = token();
  ++at_;
  return unquoted(quoted);
}

std::optional<std::uint64_t> JsonWalk::count_or_skip() {
  constexpr std::uint64_t Largest = 1'000'000'000'000'000;
  const char c = peek();
  if (c != '-' && !is_digit(c)) {
    if (!skip()) fail();
    return std::nullopt;
  }
  const std::string_view number = token();
  std::uint64_t count = 0;
  std::size_t digits = 0;
  for (; digits < number.size() && is_digit(number[digits]); ++digits) {
    if (count < Largest) count = count * 10 + static_cast<std::uint64_t>(number[digits] - '0');
  }
  if (digits < number.size() && !is_number(number)) {
    fail();
    return 0;
  }
  ++at_;
  return std::min(count, Largest);
}

}  // namespace vdm::proxy
