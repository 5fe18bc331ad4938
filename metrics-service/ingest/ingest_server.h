#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "metrics-service/ingest/ingest_host.h"
#include "metrics-service/pipeline/pipeline.h"

namespace vdm::metrics {

/// The gRPC server that proxies report to. It decodes batches on gRPC's threads, applies them on
/// the owner's, and acknowledges them when the event log has committed them. Thread: as each
/// function says.
class IngestServer {
 public:
  /// Listens at once. `owner` must run on another thread until stop() has returned; `pipeline` and
  /// `clock` must outlive every task that `owner` still runs.
  static Result<std::unique_ptr<IngestServer>> start(boost::asio::any_io_executor owner,
                                                     Pipeline& pipeline, const Clock& clock,
                                                     IngestOptions options);
  ~IngestServer();
  IngestServer(const IngestServer&) = delete;
  IngestServer& operator=(const IngestServer&) = delete;

  std::uint16_t port() const;

  /// Asks the proxy to end a request. Returns false when that proxy has no stream. Call it on the
  /// owner's thread.
  bool cancel(std::string_view instance_id, std::string_view request_id);

  /// Ends every stream and returns when gRPC has finished them. Call it on any thread but the
  /// owner's, which must still run. The destructor calls it too.
  void stop();

 private:
  struct State;
  explicit IngestServer(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace vdm::metrics
