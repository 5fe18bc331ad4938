#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "proxy-service/body/json_key.h"
#include "proxy-service/body/json_text.h"

namespace vdm::proxy {

/// Walks a JSON text along its index (see JsonIndexer), value by value, and checks the grammar.
/// Each function expects the walk before a value and leaves it behind that value. False means that
/// the text is malformed, which ends the walk. It builds no values and does not recurse itself.
/// What each member of each body needs is inline, for the compiler calls it dozens of times a
/// request. Bounds: depth_max.
class JsonWalk {
 public:
  static constexpr std::size_t depth_max = 64;

  JsonWalk(std::string_view text, std::span<const std::uint32_t> index)
      : text_(text), index_(index) {}

  /// The first byte of the next value: { [ " or that of a number or word; 0 at the end.
  char peek() const { return at_ < index_.size() ? text_[index_[at_]] : '\0'; }
  /// Whether the whole text has been walked without a fault.
  bool at_end() const { return at_ == index_.size() && !failed_; }
  bool too_deep() const { return too_deep_; }
  std::size_t offset() const { return at_ < index_.size() ? index_[at_] : text_.size(); }

  /// The text from the next value on.
  std::string_view ahead() const { return text_.substr(offset()); }

  /// The next scalar as it is written, quotes included. The walk stays before it.
  std::string_view token() const {
    if (at_ >= index_.size()) return "\"\"";
    const std::size_t begin = index_[at_];
    return from_to(begin, at_ + 1 < index_.size() ? index_[at_ + 1] : text_.size());
  }

  /// Skips one value of any kind.
  bool skip();

  /// Walks an object and calls `member(JsonKey)` for each key. `member` must walk past the key's
  /// value and return whether it could.
  template <class OnMember>
  bool object(OnMember&& member) {
    if (!enter('{')) return false;
    if (peek() != '}') {
      std::string_view key;
      do {
        if (!pass_key(key) || !member(JsonKey(key))) return false;
      } while (pass(','));
    }
    return leave('}');
  }

  /// Walks an array and calls `element()` before each value. `element` must walk past that value
  /// and return whether it could.
  template <class OnElement>
  bool array(OnElement&& element) {
    if (!enter('[')) return false;
    if (peek() != ']') {
      do {
        if (!element()) return false;
      } while (pass(','));
    }
    return leave(']');
  }

  /// Walks the members if the next value is an object; skips any other value.
  template <class OnMember>
  bool object_or_skip(OnMember&& member) {
    return peek() == '{' ? object(member) : skip();
  }
  template <class OnElement>
  bool array_or_skip(OnElement&& element) {
    return peek() == '[' ? array(element) : skip();
  }

  /// The text between the quotes if the next value is a string, else nothing; skips the value.
  std::optional<std::string_view> string_or_skip();
  /// A count, with any fraction cut off; a negative one is 0. Nothing if it is not a number.
  std::optional<std::uint64_t> count_or_skip();

 private:
  bool pass_scalar();
  void fail();

  bool enter(char open) {
    if (peek() != open) return false;
    if (depth_ == depth_max) {
      too_deep_ = true;
      return false;
    }
    ++depth_;
    ++at_;
    return true;
  }

  bool leave(char close) {
    if (!pass(close)) return false;
    --depth_;
    return true;
  }

  /// Passes a key and its colon. `key` is what stands between the quotes.
  bool pass_key(std::string_view& key) {
    if (peek() != '"' || at_ + 1 >= index_.size()) return false;
    const std::size_t colon = index_[at_ + 1];
    if (text_[colon] != ':') return false;
    key = unquoted(from_to(index_[at_], colon));
    at_ += 2;
    return true;
  }

  /// The scalar at `begin`, whose next token is at `end`: only white space stands between.
  std::string_view from_to(std::size_t begin, std::size_t end) const {
    while (end > begin && is_json_space(text_[end - 1])) --end;
    return {text_.data() + begin, end - begin};
  }
  bool pass(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  std::span<const std::uint32_t> index_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool too_deep_ = false;
  bool failed_ = false;
};

}  // namespace vdm::proxy
