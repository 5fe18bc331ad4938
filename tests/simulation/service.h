#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "metrics-service/ingest/ingest_message.h"
#include "metrics-service/log/local_log.h"
#include "metrics-service/pipeline/pipeline.h"
#include "tests/fakes/manual_clock.h"
#include "tests/simulation/books.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/stream.h"
#include "tests/simulation/twin.h"

namespace vdm::simulation {

/// One process of the metrics service: its tracker, log and pipeline, and sessions that do what
/// IngestSession does, without gRPC. Its end is that of kill -9. Thread: one.
class Service {
 public:
  static constexpr std::chrono::milliseconds Lease = std::chrono::seconds(5);

  Service(Disk& disk, Books& books, ManualClock& clock, const Sizes& sizes,
          std::uint64_t& sessions_opened);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Reads the next message of that stream.
  void receive(const std::shared_ptr<Stream>& stream);
  /// The service sees that the stream is broken.
  void close(const std::shared_ptr<Stream>& stream);
  /// The clock was just moved.
  void tick();
  void keep_checkpoint() { pipeline_.keep_checkpoint(); }
  DiskHistory& history() { return history_; }
  const metrics::Tracker& tracker() const { return tracker_; }

  /// What holds at any time.
  void check();

 private:
  struct Session;

  void apply(Session& session, metrics::IngestMessage&& message);
  void hello(Session& session, const metrics::ProxyHello& hello);
  void batch(Session& session, const DecodedBatch& batch);
  void snapshot(Session& session, metrics::SnapshotPart&& part);
  void acknowledge(Session& session, std::uint64_t seq);
  void ask_for_snapshot(Session& session);
  void finish(Session& session, StreamEnd end);
  /// All up to that number is about to be called safe.
  void check_acknowledged(const std::string& instance, std::uint64_t seq);
  void check_leases(MonotonicTime before);

  Disk& disk_;
  Books& books_;
  ManualClock& clock_;
  const Sizes sizes_;
  std::uint64_t& sessions_opened_;
  DiskHistory history_;
  const metrics::HistoryStart start_;
  metrics::Tracker tracker_;
  metrics::LocalLog local_log_;
  ToldLog log_;
  metrics::Pipeline pipeline_;
  std::unique_ptr<Twin> twin_;
  std::map<std::shared_ptr<Stream>, std::shared_ptr<Session>> sessions_;
  std::map<std::string, Session*> by_instance_;
  std::optional<MonotonicTime> ticked_;
  std::map<std::string, MonotonicTime> heard_;  ///< of instances whose lease has not ended
};

}  // namespace vdm::simulation
