#include "metrics-service/log/local_log.h"

#include <algorithm>
#include <utility>

#include "common/base/digest.h"
#include "common/base/log.h"
#include "metrics-service/tracker/journal.h"

namespace vdm::metrics {

LocalLog::LocalLog(LocalLogOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      epoch_(options_.block.epoch),
      position_(options_.block.first - 1),
      last_(options_.block.last),
      is_reserved_(options_.is_reserved) {
  if (!is_reserved_) reserve();
}

void LocalLog::propose(const Input& input) {
  const ClockPair now{clock_.monotonic(), std::chrono::floor<Micros>(clock_.wall())};
  if (!opened_at_ || now.at - *opened_at_ >= options_.position_time) open_position(now.at);
  const std::uint64_t revision = fold_(EntryPlace{.position = position_, .at = now}, input);
  position_ = std::max(position_, revision / Journal::ChangesPerPosition);
}

void LocalLog::open_position(MonotonicTime now) {
  opened_at_ = now;
  ++position_;
  if (!is_reserved_) return;
  // Asked for while a quarter is left, which lasts for minutes.
  if (position_ + options_.block_size / 4 > last_) reserve();
  if (position_ <= last_) return;
  // The disk has failed all that time. What is told from here on is another log, so that no cursor
  // of this one stands for something else after a restart.
  epoch_ = random_hex(6);
  is_reserved_ = is_asked_ = false;
  log::warning("no positions left that are reserved on disk: cursors cannot continue", {});
  reserve();
}

void LocalLog::reserve() {
  if (!options_.reserve || std::exchange(is_asked_, true)) return;
  const PositionBlock block{
      .epoch = epoch_, .first = position_ + 1, .last = position_ + options_.block_size};
  options_.reserve(block, [this, block] {
    if (block.epoch != epoch_) return;  // meanwhile it has become another log
    is_asked_ = false;
    if (position_ >= block.last) return reserve();
    is_reserved_ = true;
    last_ = block.last;
  });
}

}  // namespace vdm::metrics
