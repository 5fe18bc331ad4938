#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "common/base/result.h"

namespace vdm::metrics {

/// The file that says which log this is and up to where its positions may have been given. Thread:
/// one at a time.
class PositionFile {
 public:
  struct Reserved {
    std::string epoch;
    std::uint64_t last = 0;
  };

  explicit PositionFile(const std::filesystem::path& directory)
      : path_(directory / "log-position") {}

  /// Nothing when there is none, or it is damaged: what it said is then not known.
  std::optional<Reserved> read() const;
  /// Safe on disk when it returns. Blocks.
  Result<void> write(const Reserved& reserved) const;

 private:
  std::filesystem::path path_;
};

}  // namespace vdm::metrics
