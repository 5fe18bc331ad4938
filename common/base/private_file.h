#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace vdm {

/// A file that only its owner may read. It is written under a temporary name beside its target and
/// moved there whole by put(); without put() the destructor removes it. Thread: one at a time.
class PrivateFile {
 public:
  /// Creates the folder too when it is missing.
  static Result<PrivateFile> write(const std::filesystem::path& target, std::string_view text);
  PrivateFile(PrivateFile&& other) noexcept;
  PrivateFile& operator=(PrivateFile&&) = delete;
  ~PrivateFile();

  const std::filesystem::path& path() const { return path_; }

  enum class Existing { Keep, Replace };
  /// InvalidRequest: the file exists and `existing` says to keep it.
  Result<void> put(Existing existing);

 private:
  PrivateFile(std::filesystem::path target, std::filesystem::path path)
      : target_(std::move(target)), path_(std::move(path)) {}

  std::filesystem::path target_;
  std::filesystem::path path_;  ///< the temporary file; empty: none
};

/// What others may do with a file of this mode, and the command that mends it: "mode 0644 lets
/// others read it; `chmod 600 FILE` mends that". Empty: nothing. Pure.
std::string exposure(const std::filesystem::path& file, unsigned mode);

/// What a file holds that only its owner should read.
struct PrivateText {
  std::string text;
  std::string exposure{};  ///< of its mode; empty: it is its owner's alone
};

/// Reads a whole file. An error names the path, and never what the file holds. A path that is no
/// ordinary file is an error, and so is a file of more than `bytes_max`. Blocks.
Result<PrivateText> read_private_file(const std::filesystem::path& file, std::size_t bytes_max);

}  // namespace vdm
