#include "proxy-service/body/json_walk.h"

#include <algorithm>

#include "proxy-service/body/json_text.h"

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

std::string_view JsonWalk::token() const {
  if (at_ >= index_.size()) return "\"\"";
  const std::size_t begin = index_[at_];
  std::size_t end = at_ + 1 < index_.size() ? index_[at_ + 1] : text_.size();
  // Only white space stands between the end of a scalar and the next token.
  while (end > begin && is_json_space(text_[end - 1])) --end;
  return {text_.data() + begin, end - begin};
}

bool JsonWalk::enter(char open) {
  if (peek() != open) return false;
  if (depth_ == depth_max) {
    too_deep_ = true;
    return false;
  }
  ++depth_;
  ++at_;
  return true;
}

bool JsonWalk::leave(char close) {
  if (!pass(close)) return false;
  --depth_;
  return true;
}

bool JsonWalk::pass_key() {
  if (peek() != '"') return false;
  ++at_;
  return pass(':');
}

bool JsonWalk::pass_scalar() {
  const char c = peek();
  if (c != '"') {
    const std::string_view word = token();
    const bool known = c == '-' || is_digit(c)
                           ? is_number(word)
                           : word == "true" || word == "false" || word == "null";
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
  for (;;) {
    const char c = peek();
    if (c == '{' || c == '[') {
      if (!enter(c)) return false;
      closers[open++] = c == '{' ? '}' : ']';
      if (peek() != closers[open - 1]) {
        if (c == '{' && !pass_key()) return false;
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
    if (closers[open - 1] == '}' && !pass_key()) return false;
  }
}

std::optional<std::string_view> JsonWalk::string_or_skip() {
  if (peek() != '"') {
    if (!skip()) fail();
    return std::nullopt;
  }
  const std::string_view quoted = token();
  ++at_;
  return quoted.substr(1, quoted.size() - 2);
}

std::optional<std::uint64_t> JsonWalk::count_or_skip() {
  constexpr std::uint64_t Largest = 1'000'000'000'000'000;
  const char c = peek();
  if (c != '-' && !is_digit(c)) {
    if (!skip()) fail();
    return std::nullopt;
  }
  const std::string_view digits = token();
  if (!is_number(digits)) {
    fail();
    return 0;
  }
  ++at_;
  if (c == '-') return 0;
  std::uint64_t count = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return fault == std::errc{} ? std::min(count, Largest) : Largest;
}

}  // namespace vdm::proxy
