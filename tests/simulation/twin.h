#pragma once

#include <string>
#include <utility>

#include "metrics-service/pipeline/pipeline.h"
#include "tests/simulation/books.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/schedule.h"

namespace vdm::simulation {

/// A log whose entries are written down, and given to a second reader. Thread: one.
class ToldLog final : public metrics::EventLog {
 public:
  ToldLog(metrics::EventLog& log, Books& books) : log_(log), books_(books) {}

  void on_entry(Fold fold) override {
    log_.on_entry([this, fold = std::move(fold)](const metrics::EntryPlace& place,
                                                 const metrics::Input& input) {
      const std::uint64_t revision = fold(place, input);
      books_.told(place, revision);
      if (second_) second_(place, input);
      return revision;
    });
  }
  void propose(const metrics::Input& input) override { log_.propose(input); }
  const std::string& epoch() const override { return log_.epoch(); }
  void give_also_to(Fold second) { second_ = std::move(second); }

 private:
  metrics::EventLog& log_;
  Books& books_;
  Fold second_;
};

/// A second tracker behind a pipeline of its own, which begins from the same disk and is told the
/// same log: what log replicas will be. It writes nothing. Thread: one.
class Twin {
 public:
  Twin(DiskHistory& history, const metrics::HistoryStart& start, const Clock& clock,
       std::chrono::milliseconds lease)
      : reader_(history),
        echo_(start.block.epoch),
        tracker_(metrics::TrackerOptions{.epoch = start.block.epoch, .lease = lease}),
        pipeline_(tracker_, echo_, reader_, clock) {
    pipeline_.restore(start);
  }

  metrics::EventLog::Fold fold() const { return echo_.fold; }
  void committed(const std::string& instance, std::uint64_t seq) {
    tracker_.committed(instance, seq);
  }
  bool equals(const metrics::Tracker& other, metrics::ClockPair now) const {
    WireBuffer ours;
    WireBuffer theirs;
    tracker_.save(ours, now);
    other.save(theirs, now);
    return ours.bytes() == theirs.bytes();
  }

 private:
  class Reader final : public metrics::HistoryStore {
   public:
    explicit Reader(DiskHistory& of) : of_(of) {}
    std::optional<metrics::Checkpoint> checkpoint(std::uint64_t below) override {
      return of_.checkpoint(below);
    }
    std::vector<metrics::StoredWatermark> watermarks(const metrics::Checkpoint* from) override {
      return of_.watermarks(from);
    }
    void restore(const metrics::Checkpoint* from, metrics::RestoreSink into) override {
      of_.restore(from, std::move(into));
    }
    metrics::AppendResult append(metrics::LogBatch, std::function<void()>) override {
      return metrics::AppendResult::Accepted;
    }
    void resume(const std::string&) override {}
    void close() override {}
    std::vector<std::string> degraded() const override { return {}; }

   private:
    DiskHistory& of_;
  };
  /// Proposes nothing by itself.
  struct Echo final : metrics::EventLog {
    explicit Echo(std::string of) : epoch_of(std::move(of)) {}
    void on_entry(Fold given) override { fold = std::move(given); }
    void propose(const metrics::Input&) override {}
    const std::string& epoch() const override { return epoch_of; }

    Fold fold;
    std::string epoch_of;
  };

  Reader reader_;
  Echo echo_;
  metrics::Tracker tracker_;
  metrics::Pipeline pipeline_;
};

}  // namespace vdm::simulation
