#pragma once

#include <cstddef>
#include <memory>

namespace vdm::proxy {

/// A buffer that a thread's connections share, for bytes that a session uses up
/// before its next wait. A session that has to wait earlier copies them first.
/// Thread: its IoThread.
class ReadBuffer {
 public:
  static constexpr std::size_t Bytes = 64 * 1024;

  char* data() { return bytes_.get(); }

 private:
  std::unique_ptr<char[]> bytes_ = std::make_unique_for_overwrite<char[]>(Bytes);
};

}  // namespace vdm::proxy
