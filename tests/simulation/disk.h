#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "metrics-service/store/history_store.h"
#include "tests/simulation/books.h"

namespace vdm::simulation {

/// What outlives a service.
struct Disk {
  static constexpr std::uint64_t Block = 4096;

  std::vector<metrics::LiveEventPtr> rows;
  std::set<std::pair<std::string, std::uint64_t>> keys;  ///< instance and number of each
  std::map<std::string, metrics::StoredWatermark> marks;
  std::optional<metrics::Checkpoint> checkpoint;
  std::size_t rows_in_checkpoint = 0;
  std::uint64_t told = 0;
  std::uint64_t reserved = 0;
};

/// History on that disk, as one process of the service has it: a batch is safe when commit() has
/// come to it, and the owner hears of it in hear(). What is neither ends with this. Thread: one.
class DiskHistory final : public metrics::HistoryStore {
 public:
  DiskHistory(Disk& disk, Books& books) : disk_(disk), books_(books) {}

  metrics::HistoryStart open() override;
  std::optional<metrics::Checkpoint> checkpoint(std::uint64_t below) override;
  std::vector<metrics::StoredWatermark> watermarks(const metrics::Checkpoint* from) override;
  void restore(const metrics::Checkpoint* from, metrics::RestoreSink into) override;
  metrics::AppendResult append(metrics::LogBatch batch,
                               std::function<void()> on_committed) override;
  void keep(metrics::Checkpoint checkpoint) override;
  void reserve(metrics::PositionBlock block, std::function<void()> done) override;
  bool is_kept() const override { return true; }
  void resume(const std::string&) override {}
  void close() override {}
  std::vector<std::string> degraded() const override { return {}; }

  void commit(std::size_t most);
  void hear(std::size_t most);
  bool is_quiet() const { return waiting_.empty() && heard_.empty(); }

 private:
  struct Queued {
    std::variant<metrics::LogBatch, metrics::Checkpoint, metrics::PositionBlock> what;
    std::function<void()> done;
  };
  void write(const metrics::LogBatch& batch);

  Disk& disk_;
  Books& books_;
  std::deque<Queued> waiting_;
  std::deque<std::function<void()>> heard_;
};

}  // namespace vdm::simulation
