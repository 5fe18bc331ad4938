#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <grpcpp/support/status.h>
#include <boost/asio/any_io_executor.hpp>

#include "common/base/clock.h"
#include "metrics-service/pipeline/pipeline.h"

namespace vdm::metrics {

class IngestSession;

struct IngestOptions {
  std::string address = "127.0.0.1:50051";
  std::string version = {};
  /// How much of a proxy's events may be applied but not yet stored.
  std::uint64_t credit_bytes = 4 * 1024 * 1024;
  /// The same while history cannot be stored: the live view goes on, and proxies
  /// keep what is not acknowledged, up to their own bound.
  std::uint64_t degraded_credit_bytes = 256 * 1024 * 1024;
  std::chrono::milliseconds write_deadline{10'000};
  std::chrono::milliseconds check_interval{1'000};  ///< of the deadline, and of the store
  std::size_t streams_max = 4'096;
  std::size_t snapshot_entries_max = 100'000;
};

/// What all ingest streams share: who is connected, the door to the tracker and
/// the limits. Thread: owner only.
struct IngestHost {
  IngestHost(boost::asio::any_io_executor owner_executor, Pipeline& door, const Clock& time,
             IngestOptions settings);
  ~IngestHost();

  /// Every second: peers that do not read, and the credit, which follows the store.
  void check();
  /// Ends every stream.
  void close(const grpc::Status& status);

  const boost::asio::any_io_executor owner;
  Pipeline& pipeline;
  const Clock& clock;
  const IngestOptions options;
  bool open = true;
  std::uint64_t credit_bytes;
  std::set<std::shared_ptr<IngestSession>> sessions;
  std::map<std::string, IngestSession*, std::less<>> by_instance;
};

}  // namespace vdm::metrics
