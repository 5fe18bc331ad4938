#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "proxy-service/body/json_key.h"

namespace vdm::proxy {

/// Walks a JSON text along its index (see JsonIndexer), value by value, and checks the grammar.
/// Each function expects the walk before a value and leaves it behind that value. False means that
/// the text is malformed, which ends the walk. It builds no values and does not recurse itself.
/// Bounds: depth_max.
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
  std::string_view token() const;

  /// Skips one value of any kind.
  bool skip();

  /// Walks an object and calls `member(JsonKey)` for each key. `member` must walk past the key's
  /// value and return whether it could.
  template <class OnMember>
  bool object(OnMember&& member) {
    if (!enter('{')) return false;
    if (peek() != '}') {
      do {
        const std::string_view key = token();
        if (!pass_key() || !member(JsonKey(key.substr(1, key.size() - 2)))) return false;
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
  bool enter(char open);
  bool leave(char close);
  bool pass_key();
  bool pass_scalar();
  void fail();
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
