#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "metrics-service/store/history_store.h"

namespace vdm::metrics {

/// The checkpoints of a directory, each in a file of its own, named after its revision; two are
/// kept. A file that is damaged, or of a newer format, is left out. Thread: one at a time.
class CheckpointFiles {
 public:
  explicit CheckpointFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// The newest one with a revision below that one. `left_out` is told of each file that cannot be
  /// taken, and why. Blocks.
  std::optional<Checkpoint> newest(
      std::uint64_t below_revision,
      const std::function<void(const std::string& file, const std::string& why)>& left_out) const;
  /// Safe on disk when it returns, and older ones than the last two are gone. Blocks.
  Result<void> write(const Checkpoint& checkpoint) const;

 private:
  /// Newest first.
  std::vector<std::pair<std::uint64_t, std::filesystem::path>> all() const;

  std::filesystem::path directory_;
};

}  // namespace vdm::metrics
