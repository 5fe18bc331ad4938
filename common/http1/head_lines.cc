#include "common/http1/head_lines.h"

#include <algorithm>

#include "common/http1/field_name.h"

namespace vdm::http1 {
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

  line_ = {received.data() + taken_, checked_ - taken_};
  taken_ = checked_ = checked_ + 2;
  return Found::Line;
}

}  // namespace vdm::http1
