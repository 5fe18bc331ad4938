#pragma once

#include <cstdint>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "metrics-service/events/events_host.h"
#include "metrics-service/pipeline/pipeline.h"

namespace vdm::metrics {

/// The gRPC server for tools: the live stream, queries and cancel. It answers everything on the
/// owner's thread. Thread: as each function says.
class EventsServer {
 public:
  /// Listens at once. `owner` must run on another thread until stop() has returned; `pipeline` and
  /// `clock` must outlive every task that `owner` still runs.
  static Result<std::unique_ptr<EventsServer>> start(boost::asio::any_io_executor owner,
                                                     Pipeline& pipeline, const Clock& clock,
                                                     EventsOptions options);
  ~EventsServer();
  EventsServer(const EventsServer&) = delete;
  EventsServer& operator=(const EventsServer&) = delete;

  std::uint16_t port() const;
  /// Call it on the owner's thread.
  std::size_t subscribers() const;

  /// Ends every call and returns when gRPC has finished them. Call it on any thread but the
  /// owner's, which must still run. The destructor calls it too.
  void stop();

 private:
  struct State;
  explicit EventsServer(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace vdm::metrics
