#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/result.h"
#include "common/base/utf8.h"
#include "proto/contract/event_limits.h"

namespace vdm {

/// Reads the fields of one message of the Report stream, so that the code that does is a plain list
/// of fields. Keeps the first field that is refused, and counts the numbers that are left out.
/// Pure.
class MessageReader {
 public:
  explicit MessageReader(LeftOut& left_out) : left_out_(left_out) {}

  // Refused when wrong.

  void text(std::string_view field, const std::string& in, std::size_t cap, std::string& out) {
    if (!is_utf8(in)) return fail(field, "UTF-8");
    out = std::string(cut_utf8(in, cap));
  }
  void identity(std::string_view field, const std::string& in, std::string& out) {
    if (!is_identity(in)) return fail(field, "1..128 visible ASCII characters");
    out = in;
  }
  template <class Enum>
  void choice(std::string_view field, int in, Enum last, Enum& out) {
    if (in < 0 || in > static_cast<int>(last)) return fail(field, "a known value");
    out = static_cast<Enum>(in);
  }
  /// The number of an event.
  void sequence(std::string_view field, std::uint64_t in, std::uint64_t& out) {
    if (in > CountMax) return fail(field, "at most 2^53 - 1");
    out = in;
  }

  // Left out when it cannot be.

  template <std::unsigned_integral Number>
  void number(std::uint64_t in, std::uint64_t most, Number& out) {
    if (in > most) return leave_out();
    out = static_cast<Number>(in);
  }
  void duration(std::uint64_t in, Micros& out) {
    if (in > DurationMaxUs) return leave_out();
    out = Micros(static_cast<Micros::rep>(in));
  }
  void duration(std::uint64_t in, std::optional<Micros>& out) {
    if (in > DurationMaxUs) return leave_out();
    out = Micros(static_cast<Micros::rep>(in));
  }
  void wall(std::int64_t in, WallTime& out) {
    if (in < 0 || in > WallTimeMaxUs) return leave_out();
    out = WallTime(Micros(in));
  }

  void fail(std::string_view field, std::string_view expected) {
    if (fault_.empty()) fault_.append(field).append(": expected ").append(expected);
  }
  template <class T>
  Result<T> finish(T value) {
    if (!fault_.empty()) return Error{ErrorKind::InvalidRequest, std::move(fault_)};
    return value;
  }

 private:
  void leave_out() { ++left_out_.numbers; }

  LeftOut& left_out_;
  std::string fault_;
};

}  // namespace vdm
