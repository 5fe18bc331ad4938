#include "common/http1/head_lines.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "common/http1/field_name.h"

namespace vdm::http1 {
namespace {

constexpr std::uint64_t every_byte(std::uint8_t value) { return 0x0101010101010101ull * value; }

// Non-zero when one of eight bytes is below space or DEL. May be non-zero for a
// tab or a byte next to such a one: the caller looks again byte by byte.
constexpr std::uint64_t suspects(std::uint64_t word) {
  const std::uint64_t low = (word - every_byte(0x20)) & ~word;
  const std::uint64_t del = word ^ every_byte(0x7f);
  const std::uint64_t is_del = (del - every_byte(0x01)) & ~del;
  return (low | is_del) & every_byte(0x80);
}

// The first control character but tab in [from, to), or `to`.
std::size_t find_control(const char* bytes, std::size_t from, std::size_t to) {
  while (from < to) {
    while (to - from >= sizeof(std::uint64_t)) {
      std::uint64_t word;
      std::memcpy(&word, bytes + from, sizeof word);
      if (suspects(word) != 0) break;
      from += sizeof word;
    }
    const std::size_t stop = std::min(to, from + sizeof(std::uint64_t));
    for (; from < stop; ++from) {
      if (bytes::is_control(bytes[from])) return from;
    }
  }
  return to;
}

}  // namespace

HeadLines::Found HeadLines::faulty(std::string_view reason) {
  fault_ = {400, reason};
  return Found::Fault;
}

HeadLines::Found HeadLines::next(std::string_view received, std::size_t end_max) {
  const std::size_t stop = std::min(received.size(), end_max);
  checked_ = find_control(received.data(), checked_, stop);
  if (checked_ == stop) return received.size() >= end_max ? Found::TooLong : Found::NeedMore;

  const char control = received[checked_];
  if (control == '\n') return faulty("a line ends with LF alone");
  if (control != '\r') return faulty("a control character in the head");
  if (checked_ + 1 >= end_max) return Found::TooLong;
  if (checked_ + 1 == received.size()) return Found::NeedMore;
  if (received[checked_ + 1] != '\n') return faulty("CR without LF in the head");

  line_ = received.substr(taken_, checked_ - taken_);
  taken_ = checked_ = checked_ + 2;
  return Found::Line;
}

}  // namespace vdm::http1
