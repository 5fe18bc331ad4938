#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "proxy-service/body/request_scan.h"

namespace vdm::proxy {

/// Finds members of the object that a JSON text is, while the text comes by: it keeps their values
/// as they are written and nothing else, so that a body of any size passes without being held.
/// Where the bytes are split never changes what is found. It follows strings and brackets and does
/// not check the grammar: whoever gets the text does. Bounds: `value_bytes_max` of each value.
/// Thread: its owner's.
class JsonMembers {
 public:
  static constexpr std::size_t NamesMax = 6;

  struct Member {
    std::string value;        ///< as it is written; cut when it is too long
    ByteRange range;          ///< of the value in the text
    std::uint32_t times = 0;  ///< how often it stood there, complete; the last one is kept
    bool too_long = false;
  };

  /// `names`: at most NamesMax, and longer-lived than this.
  JsonMembers(std::span<const std::string_view> names, std::size_t value_bytes_max)
      : names_(names), value_bytes_max_(value_bytes_max) {}

  void push(std::string_view bytes);
  /// Forgets the text, for the next one.
  void clear();

  /// The member of names[which].
  const Member& member(std::size_t which) const { return members_[which]; }
  /// Nothing more can be found: the object has ended, or the text is none.
  bool over() const { return state_ == State::Over; }

 private:
  enum class State : std::uint8_t {
    Begin,
    BeforeKey,
    Key,
    AfterKey,
    BeforeValue,
    Text,
    Nested,
    Word,  ///< a number, true, false or null
    AfterValue,
    Over,
  };
  static constexpr std::size_t KeyBytesMax = 64;

  void take(char c);
  void take_key(char c);
  void take_nested(char c);
  void after_value(char c);
  void begin_value(char c);
  void end_value(std::uint64_t end);
  void keep(char c);
  /// Whether `c` ends the string that is being read.
  bool ends_string(char c);

  std::span<const std::string_view> names_;
  std::size_t value_bytes_max_;
  std::array<Member, NamesMax> members_{};
  std::size_t found_ = NamesMax;  ///< whose value is being read; NamesMax: nobody's
  Member reading_{};              ///< that value so far
  std::string key_;
  std::uint64_t at_ = 0;
  std::uint64_t depth_ = 0;
  State state_ = State::Begin;
  bool in_string_ = false;
  bool escaped_ = false;
  bool key_cut_ = false;
};

}  // namespace vdm::proxy
