#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <grpcpp/support/status.h>
#include <boost/asio/any_io_executor.hpp>

#include "common/access/key_check.h"
#include "common/audit/audit_log.h"
#include "common/base/clock.h"
#include "metrics-service/pipeline/pipeline.h"

namespace vdm::metrics {

class Subscriber;

struct EventsOptions {
  std::string address = "127.0.0.1:50052";
  std::string version = {};
  std::shared_ptr<KeyCheck> keys = {};  ///< null: everyone may call
  AuditLog* audit = nullptr;            ///< null: none is kept; it outlives the server
  bool cancel_allowed = false;
  /// Asks the proxy to end a request. Returns false when that proxy has no stream. Called on the
  /// owner's thread.
  std::function<bool(std::string_view instance_id, std::string_view request_id)> cancel = {};
  /// The number of SSE readers, for GetStatus. Called on the owner's thread.
  std::function<std::uint32_t()> live_readers = {};

  /// Silence after which a subscriber gets a heartbeat.
  std::chrono::milliseconds heartbeat_interval{10'000};
  std::chrono::milliseconds write_deadline{10'000};
  std::chrono::milliseconds check_interval{1'000};  ///< how often check() runs
  std::uint64_t unread_bytes_max = 1024 * 1024;
  std::size_t subscribers_max = 256;
};

/// State shared by all calls of the Events service. Thread: owner only.
struct EventsHost {
  EventsHost(boost::asio::any_io_executor owner_executor, Pipeline& door, const Clock& time,
             EventsOptions settings);
  ~EventsHost();

  /// Runs every second: ends subscribers that do not read, and sends heartbeats.
  void check();
  /// Ends every stream with `status`.
  void close(const grpc::Status& status);

  const Tracker& tracker() const { return pipeline.tracker(); }

  const boost::asio::any_io_executor owner;
  Pipeline& pipeline;
  const Clock& clock;
  const EventsOptions options;
  const WallTime started;
  bool open = true;
  bool woken = false;  ///< wake() has posted a look at the tracker that has not run yet
  std::set<std::shared_ptr<Subscriber>> subscribers;
};

}  // namespace vdm::metrics
