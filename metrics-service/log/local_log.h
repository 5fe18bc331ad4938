#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "metrics-service/log/event_log.h"
#include "metrics-service/log/position_block.h"

namespace vdm::metrics {

struct LocalLogOptions {
  PositionBlock block = {};
  /// Whether the block is reserved on disk; else it has no end, and no other process knows `epoch`.
  bool is_reserved = false;
  std::uint64_t block_size = 65'536;
  std::chrono::milliseconds position_time{10};
  /// Reserves positions of that epoch up to `last` on disk, and calls `done` on the owner's thread
  /// once they are; it may take as long as the disk does. Empty: nothing is kept.
  std::function<void(PositionBlock block, std::function<void()> done)> reserve = {};
};

/// The log of one node: an input has its entry at once, and nothing of it is kept. Thread: owner
/// only.
class LocalLog final : public EventLog {
 public:
  LocalLog(LocalLogOptions options, const Clock& clock);

  void on_entry(Fold fold) override { fold_ = std::move(fold); }
  void propose(const Input& input) override;
  const std::string& epoch() const override { return epoch_; }

 private:
  void open_position(MonotonicTime now);
  void reserve();

  LocalLogOptions options_;
  const Clock& clock_;
  Fold fold_;
  std::string epoch_;
  std::uint64_t position_ = 0;  ///< of the last entry
  std::uint64_t last_ = 0;      ///< the last that is reserved
  bool is_reserved_ = false;
  bool is_asked_ = false;
  std::optional<MonotonicTime> opened_at_;
};

}  // namespace vdm::metrics
