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

/// Walks a JSON text along its index (see JsonIndexer), value by value, checking
/// the grammar as it goes. Every function stands at the start of a value, and
/// returns with the walk after it; false means the text is at fault, and then the
/// walk is over. Builds nothing and never recurses by itself. Bounds: depth_max.
class JsonWalk {
 public:
  static constexpr std::size_t depth_max = 64;

  JsonWalk(std::string_view text, std::span<const std::uint32_t> index)
      : text_(text), index_(index) {}

  /// First byte of the value ahead: { [ " or that of a number or word; 0 at the end.
  char peek() const { return at_ < index_.size() ? text_[index_[at_]] : '\0'; }
  /// All of the text has been walked, and nothing was wrong with it.
  bool at_end() const { return at_ == index_.size() && !failed_; }
  bool too_deep() const { return too_deep_; }
  std::size_t offset() const { return at_ < index_.size() ? index_[at_] : text_.size(); }

  /// The scalar ahead as it stands, quotes included. The walk stays before it.
  std::string_view token() const;

  /// Passes over one value of any kind.
  bool skip();

  /// Passes over an object, calling `member(JsonKey)` with each key; `member` passes over
  /// the value and says whether it could.
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

  /// Passes over an array, calling `element()` before each of its values; it
  /// passes over the value and says whether it could.
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

  /// An object's members when an object is ahead; anything else is passed over.
  template <class OnMember>
  bool object_or_skip(OnMember&& member) {
    return peek() == '{' ? object(member) : skip();
  }
  template <class OnElement>
  bool array_or_skip(OnElement&& element) {
    return peek() == '[' ? array(element) : skip();
  }

  /// The text between the quotes when a string is ahead, else nothing; passed over.
  std::optional<std::string_view> string_or_skip();
  /// A count: nothing for what is no number; a fraction is cut off, a negative one is 0.
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
