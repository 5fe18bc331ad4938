#pragma once

#include <filesystem>
#include <utility>

#include "common/base/result.h"

namespace vdm::metrics {

/// Locks the history's directory while this process writes there: two writers would each store half
/// of the history. The kernel releases the lock however the process ends. Thread: one at a time.
class DirectoryLock {
 public:
  /// An error names the process that holds the lock and what to do. When the directory cannot be
  /// locked at all, the live view still works: the lock logs that, and the store reports that it is
  /// degraded.
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
