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

#include "common/audit/audit_log.h"
#include "common/base/clock.h"
#include "metrics-service/ingest/ingest_tokens.h"
#include "metrics-service/pipeline/pipeline.h"
#include "metrics-service/throttle/log_limit.h"

namespace vdm::metrics {

class IngestSession;

struct IngestOptions {
  std::string address = "127.0.0.1:50051";
  std::string version = {};
  /// Null: every stream is taken.
  std::shared_ptr<const IngestTokens> tokens = nullptr;
  AuditLog* audit = nullptr;  ///< null: none is kept; it outlives the server
  /// The bytes of events that a proxy may have applied but not yet stored.
  std::uint64_t credit_bytes = 4 * 1024 * 1024;
  /// The same limit while history cannot be stored. The live view continues; proxies keep events
  /// that are not acknowledged, up to a bound of their own.
  std::uint64_t degraded_credit_bytes = 256 * 1024 * 1024;
  std::chrono::milliseconds write_deadline{10'000};
  std::chrono::milliseconds check_interval{1'000};  ///< how often check() runs
  std::size_t streams_max = 4'096;
  std::size_t snapshot_entries_max = 100'000;
};

/// State shared by all ingest streams: the connected proxies, the pipeline and the limits. Thread:
/// owner only, but for `options` and `refusals`.
struct IngestHost {
  IngestHost(boost::asio::any_io_executor owner_executor, Pipeline& door, const Clock& time,
             IngestOptions settings);
  ~IngestHost();

  /// Runs every second: ends peers that do not read or whose token is no longer one of ours, and
  /// sets the credit by the store's state.
  void check();
  /// Ends every stream with `status`.
  void close(const grpc::Status& status);

  const boost::asio::any_io_executor owner;
  Pipeline& pipeline;
  const Clock& clock;
  const IngestOptions options;
  LogLimit refusals;  ///< of the log lines about refused streams
  LogLimit left_out;  ///< of those about numbers that cannot be
  bool open = true;
  std::uint64_t credit_bytes;
  std::uint64_t sessions_opened = 0;
  std::set<std::shared_ptr<IngestSession>> sessions;
  std::map<std::string, IngestSession*, std::less<>> by_instance;
};

}  // namespace vdm::metrics
