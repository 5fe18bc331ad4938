#pragma once

#include <chrono>

namespace vdm {

using MonotonicTime = std::chrono::steady_clock::time_point;
using SystemTime = std::chrono::system_clock::time_point;

/// Where time comes from. SystemClock is the only place now() is called; tests
/// use ManualClock. Thread: any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicTime monotonic() const = 0;
  virtual SystemTime wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  MonotonicTime monotonic() const override { return std::chrono::steady_clock::now(); }
  SystemTime wall() const override { return std::chrono::system_clock::now(); }
};

}  // namespace vdm
