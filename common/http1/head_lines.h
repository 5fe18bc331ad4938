#pragma once

#include <cstddef>
#include <string_view>

#include "common/http1/refusal.h"

namespace vdm::http1 {

/// Splits a head into lines as its bytes arrive, looking at each byte once. A
/// line ends with CRLF and holds no control character but tab; anything else is a
/// fault, the same one however the bytes were split. Thread: its owner's.
class HeadLines {
 public:
  enum class Found { Line, NeedMore, TooLong, Fault };

  /// The next line of `received`, which begins at the head's first byte and only
  /// grows. No line may end beyond `end_max` bytes.
  Found next(std::string_view received, std::size_t end_max);

  std::string_view line() const { return line_; }
  /// How many bytes the lines so far have, with their ends.
  std::size_t taken() const { return taken_; }
  /// After Fault: a status of 400 and what was wrong.
  const MessageRefusal& fault() const { return fault_; }
  void clear() { *this = {}; }

 private:
  Found faulty(std::string_view reason);

  std::string_view line_;
  std::size_t taken_ = 0;
  std::size_t checked_ = 0;
  MessageRefusal fault_;
};

}  // namespace vdm::http1
