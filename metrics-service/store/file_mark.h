#pragma once

#include <cstdint>
#include <filesystem>

#include <sys/stat.h>

namespace vdm::metrics {

/// By what a file shows that somebody has changed it or put another in its place. Plain data.
struct FileMark {
  std::uint64_t device = 0;
  std::uint64_t file = 0;  ///< 0: there is none
  std::int64_t bytes = 0;
  std::int64_t changed_s = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const FileMark&, const FileMark&) = default;
  bool is_same_file(const FileMark& other) const {
    return device == other.device && file == other.file;
  }

  static FileMark of(const std::filesystem::path& path) {
    struct stat found = {};
    if (::stat(path.c_str(), &found) != 0) return {};
    return {.device = found.st_dev,
            .file = found.st_ino,
            .bytes = found.st_size,
            .changed_s = found.st_mtim.tv_sec,
            .changed_ns = found.st_mtim.tv_nsec};
  }
};

}  // namespace vdm::metrics
