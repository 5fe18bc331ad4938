#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "common/base/clock.h"
#include "metrics-service/ingest/ingest_server.h"
#include "metrics-service/log/local_log.h"
#include "metrics-service/pipeline/pipeline.h"
#include "metrics-service/store/history_store.h"
#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics {

/// A history that commits at once, or, held, when the test says; it keeps
/// the highest committed watermark and the secret of each instance over a restart of the rig.
class HoldingLog final : public HistoryStore {
 public:
  std::vector<StoredWatermark> watermarks(const Checkpoint*) override {
    std::vector<StoredWatermark> marks;
    for (const auto& [instance, mark] : committed_) marks.push_back(mark);
    return marks;
  }
  AppendResult append(LogBatch batch, std::function<void()> on_committed) override {
    waiting_.emplace_back(std::move(batch), std::move(on_committed));
    if (!held_) commit();
    return AppendResult::Accepted;
  }
  void resume(const std::string&) override {}
  void close() override {}
  std::vector<std::string> degraded() const override {
    return is_degraded_ ? std::vector<std::string>{"the disk is full"} : std::vector<std::string>{};
  }

  void hold() { held_ = true; }
  void degrade() { is_degraded_ = true; }
  void commit() {
    held_ = false;
    for (auto& [batch, on_committed] : std::exchange(waiting_, {})) {
      StoredWatermark& mark = committed_[batch.instance_id];
      mark.instance_id = batch.instance_id;
      mark.proxy = "proxy-1";
      mark.seq = std::max(mark.seq, batch.watermark);
      if (batch.secret.kind != InstanceSecret::Kind::Unknown) mark.secret = batch.secret;
      if (on_committed) on_committed();
    }
  }
  void crash() { waiting_.clear(); }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  bool held_ = false;
  bool is_degraded_ = false;
  std::deque<std::pair<LogBatch, std::function<void()>>> waiting_;
  std::map<std::string, StoredWatermark> committed_;
};

/// The metrics service's owner thread with a tracker, an pipeline and an ingest
/// server on a real port. Everything of it is reached through on_owner().
class MetricsRig {
 public:
  explicit MetricsRig(HoldingLog& log, IngestOptions options = {.address = "127.0.0.1:0"},
                      TrackerOptions tracker_options = {})
      : tracker(std::move(tracker_options)),
        order({.block = {.epoch = tracker.epoch()}}, clock),
        pipeline(tracker, order, log, clock) {
    for (const StoredWatermark& mark : log.watermarks(nullptr)) {
      tracker.restore_watermark(mark.instance_id, mark.proxy, mark.seq, mark.secret);
    }
    pipeline.on_change([this] { changed(); });
    thread_ = std::jthread([this] { context_.run(); });
    auto started =
        IngestServer::start(context_.get_executor(), pipeline, clock, std::move(options));
    if (!started) throw std::runtime_error(started.error().message);
    ingest = std::move(*started);
  }
  ~MetricsRig() {
    ingest.reset();
    work_.reset();
  }

  boost::asio::any_io_executor executor() { return context_.get_executor(); }
  std::string ingest_address() const { return "127.0.0.1:" + std::to_string(ingest->port()); }

  /// Runs `work` on the owner's thread and gives back what it says.
  template <class Work>
  auto on_owner(Work work) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    boost::asio::post(context_, [&task] { task(); });
    return result.get();
  }

  /// Waits until `holds()` is true after some change, on the owner's thread. False: it never was.
  bool wait_until(std::function<bool()> holds,
                  std::chrono::seconds at_most = std::chrono::seconds(20)) {
    auto done = std::make_shared<std::promise<void>>();
    auto waited = done->get_future();
    on_owner([&] {
      watch_ = [holds = std::move(holds), done] {
        if (!holds()) return false;
        done->set_value();
        return true;
      };
      changed();
    });
    const bool held = waited.wait_for(at_most) == std::future_status::ready;
    on_owner([this] { watch_ = nullptr; });
    return held;
  }
  Counts counts() {
    return on_owner([this] { return tracker.counts(); });
  }

  SystemClock clock;
  Tracker tracker;
  LocalLog order;
  Pipeline pipeline;

 private:
  void changed() {
    if (watch_ && watch_()) watch_ = nullptr;
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      context_.get_executor()};
  std::function<bool()> watch_;
  std::jthread thread_;

 public:
  std::unique_ptr<IngestServer> ingest;
};

}  // namespace vdm::metrics
