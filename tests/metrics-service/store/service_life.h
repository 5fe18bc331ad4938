#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metrics-service/log/local_log.h"
#include "metrics-service/pipeline/pipeline.h"
#include "metrics-service/store/sqlite_history.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/posted_work.h"
#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics {

/// One process of the service on a folder: all of it but the network. Thread: one at a time.
class ServiceLife {
 public:
  ServiceLife(const std::filesystem::path& directory, ManualClock& clock) : clock_(clock) {
    SqliteHistoryOptions options;
    options.directory = directory;
    options.group_wait = std::chrono::milliseconds(1);
    options.retry_after = std::chrono::milliseconds(5);
    store_ = std::make_unique<SqliteHistory>(options, clock, owner_.post());
    start_ = store_->open();
    LocalLogOptions log;
    log.block = start_.block;
    log.is_reserved = start_.is_reserved;
    log_ = std::make_unique<LocalLog>(log, clock);
    tracker_ = std::make_unique<Tracker>(TrackerOptions{.epoch = start_.block.epoch});
    pipeline_ = std::make_unique<Pipeline>(*tracker_, *log_, *store_, clock);
    pipeline_->restore(start_, [this](std::uint64_t rows) { restored_ = rows, done_ = true; });
  }

  /// Does what is posted until history is read.
  std::uint64_t restored() {
    owner_.run_until(done_);
    return restored_;
  }
  /// Reports a batch and waits until it is safe on disk.
  void report(const std::vector<Event>& events) {
    bool committed = false;
    pipeline_->report(scenario::Proxy, next_seq_, events, [&](std::uint64_t) { committed = true; });
    next_seq_ += events.size();
    owner_.run_until(committed);
  }
  /// As SIGTERM does.
  void stop() {
    pipeline_->keep_checkpoint();
    store_->close();
  }
  /// As kill -9 does, after the last commit.
  void crash() { store_->close(); }

  std::vector<std::string> ended_after(std::uint64_t revision) {
    std::vector<std::string> ids;
    for (bool done = false; !done;) {
      bool came = false;
      pipeline_->read_history(revision, *pipeline_->history_last(), [&](const HistoryPage& page) {
        for (const LiveEventPtr& row : page.rows) ids.push_back(row->facts->request_id);
        revision = page.up_to;
        came = true;
        EXPECT_TRUE(page.is_complete);
      });
      owner_.run_until(came);
      done = revision >= *pipeline_->history_last();
    }
    return ids;
  }

  Tracker& tracker() { return *tracker_; }
  Pipeline& pipeline() { return *pipeline_; }
  SqliteHistory& store() { return *store_; }
  const HistoryStart& start() const { return start_; }
  void begin_at(std::uint64_t seq) { next_seq_ = seq; }
  std::uint64_t next_seq() const { return next_seq_; }

 private:
  ManualClock& clock_;
  PostedWork owner_;
  std::unique_ptr<SqliteHistory> store_;
  HistoryStart start_;
  std::unique_ptr<LocalLog> log_;
  std::unique_ptr<Tracker> tracker_;
  std::unique_ptr<Pipeline> pipeline_;
  std::uint64_t next_seq_ = 1;
  std::uint64_t restored_ = 0;
  bool done_ = false;
};

}  // namespace vdm::metrics
