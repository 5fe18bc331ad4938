#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/base/clock.h"

namespace vdm::metrics {

/// The files of history in one directory: "history-2026-11-28.sqlite", and beside it, when that one
/// is of a newer release and must stay as it is, "history-2026-11-28.2.sqlite". Thread: any.
class HistoryDays {
 public:
  explicit HistoryDays(std::filesystem::path directory) : directory_(std::move(directory)) {}

  const std::filesystem::path& directory() const { return directory_; }
  /// The oldest day first; none when they cannot be listed.
  std::vector<std::filesystem::path> all() const;
  /// The same; `fault` says why they cannot be listed.
  std::vector<std::filesystem::path> all(std::error_code& fault) const;
  /// `nth`: 1 for the day's usual file.
  std::filesystem::path path_of(std::string_view day, int nth = 1) const;

  /// "2026-11-28", in UTC.
  static std::string day_of(SystemTime time);
  /// The day of a file's name; empty when it is no day's.
  static std::string day_in(const std::filesystem::path& path);
  /// The day that many days before; empty when `day` is none.
  static std::string days_before(const std::string& day, int days);
  /// The damaged files that were set aside, by name.
  std::vector<std::filesystem::path> set_aside_before() const;
  /// Where a file that is mended is written, until it takes the damaged one's place.
  static std::filesystem::path saved_path(const std::filesystem::path& path);
  /// Puts files in their places that were mended when a process died; removes half of one.
  void finish_repairs() const;
  /// Deletes the file and what SQLite keeps beside it.
  static void remove(const std::filesystem::path& path);
  /// Renames them to a name that says when and that they are damaged, and returns it.
  static std::filesystem::path set_aside(const std::filesystem::path& path, SystemTime now);

 private:
  std::filesystem::path directory_;
};

}  // namespace vdm::metrics
