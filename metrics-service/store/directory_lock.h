#pragma once

#include <filesystem>
#include <utility>

#include "common/base/result.h"

namespace vdm::metrics {

/// Held while history is written to a directory: two writers of one history would each keep
/// half of it. The lock goes with the process, however that ends. Thread: one at a time.
class DirectoryLock {
 public:
  /// The error says who holds it and what to do. A directory that cannot be locked at all is no
  /// reason not to show what is live: it is logged, and the store says that it is degraded.
  static Result<DirectoryLock> lock(const std::filesystem::path& directory);
  DirectoryLock(DirectoryLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

  bool held() const { return file_ >= 0; }

 private:
  explicit DirectoryLock(int file) : file_(file) {}
  int file_;
};

}  // namespace vdm::metrics
