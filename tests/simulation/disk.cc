#include "tests/simulation/disk.h"

#include <algorithm>

namespace vdm::simulation {

using metrics::AppendResult;
using metrics::Checkpoint;
using metrics::HistoryStart;
using metrics::LogBatch;
using metrics::PositionBlock;

HistoryStart DiskHistory::open() {
  const std::uint64_t first = disk_.reserved + 1;
  disk_.reserved += Disk::Block;
  return {.block = {.epoch = "e", .first = first, .last = disk_.reserved},
          .is_reserved = true,
          .told = disk_.told};
}

std::optional<Checkpoint> DiskHistory::checkpoint(std::uint64_t below) {
  if (!disk_.checkpoint || disk_.checkpoint->revision >= below) return std::nullopt;
  return disk_.checkpoint;
}

std::vector<metrics::StoredWatermark> DiskHistory::watermarks(const Checkpoint*) {
  std::vector<metrics::StoredWatermark> all;
  for (const auto& [id, mark] : disk_.marks) all.push_back(mark);
  return all;
}

void DiskHistory::restore(const Checkpoint* from, metrics::RestoreSink into) {
  const std::size_t known = from ? disk_.rows_in_checkpoint : 0;
  into.rows({disk_.rows.begin() + static_cast<std::ptrdiff_t>(known), disk_.rows.end()});
  into.done();
}

AppendResult DiskHistory::append(LogBatch batch, std::function<void()> on_committed) {
  for (const metrics::LiveEventPtr& row : batch.rows) books_.row(row->revision);
  waiting_.push_back({std::move(batch), std::move(on_committed)});
  return AppendResult::Accepted;
}

void DiskHistory::keep(Checkpoint checkpoint) {
  waiting_.push_back({std::move(checkpoint), nullptr});
}

void DiskHistory::reserve(PositionBlock block, std::function<void()> done) {
  waiting_.push_back({std::move(block), std::move(done)});
}

void DiskHistory::commit(std::size_t most) {
  for (; most > 0 && !waiting_.empty(); --most) {
    Queued next = std::move(waiting_.front());
    waiting_.pop_front();
    if (const auto* batch = std::get_if<LogBatch>(&next.what)) {
      write(*batch);
    } else if (auto* checkpoint = std::get_if<Checkpoint>(&next.what)) {
      disk_.checkpoint = std::move(*checkpoint);
      disk_.rows_in_checkpoint = disk_.rows.size();
    } else {
      disk_.reserved = std::max(disk_.reserved, std::get<PositionBlock>(next.what).last);
    }
    if (next.done) heard_.push_back(std::move(next.done));
  }
}

/// As the table of events does, which has one row of an instance's number.
void DiskHistory::write(const LogBatch& batch) {
  for (const metrics::LiveEventPtr& row : batch.rows) {
    if (row->seq != 0 && !disk_.keys.emplace(*row->instance_id, row->seq).second) continue;
    disk_.rows.push_back(row);
  }
  disk_.told = std::max(disk_.told, batch.told);
  if (batch.instance_id.empty()) return;
  metrics::StoredWatermark& mark = disk_.marks[batch.instance_id];
  mark.instance_id = batch.instance_id;
  mark.proxy = batch.proxy;
  mark.seq = std::max(mark.seq, batch.watermark);
  if (batch.secret.kind != metrics::InstanceSecret::Kind::Unknown) mark.secret = batch.secret;
}

void DiskHistory::hear(std::size_t most) {
  for (; most > 0 && !heard_.empty(); --most) {
    const auto done = std::move(heard_.front());
    heard_.pop_front();
    done();
  }
}

}  // namespace vdm::simulation
