#pragma once

#include <filesystem>
#include <string_view>

#include "common/base/result.h"

namespace vdm::cli {

/// A file for its owner's eyes alone, written beside the place where it shall stand and put
/// there whole. Unless it is put, it is gone with this object. Thread: one at a time.
class PrivateFile {
 public:
  /// Makes the folder too, if need be.
  static Result<PrivateFile> write(const std::filesystem::path& target, std::string_view text);
  PrivateFile(PrivateFile&& other) noexcept;
  PrivateFile& operator=(PrivateFile&&) = delete;
  ~PrivateFile();

  const std::filesystem::path& path() const { return path_; }

  enum class Existing { Keep, Replace };
  /// InvalidRequest: something stands there, and is to be kept.
  Result<void> put(Existing existing);

 private:
  PrivateFile(std::filesystem::path target, std::filesystem::path path)
      : target_(std::move(target)), path_(std::move(path)) {}

  std::filesystem::path target_;
  std::filesystem::path path_;  ///< where it is until then; empty: nowhere
};

}  // namespace vdm::cli
