#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/host_port.h"
#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/http/io_thread.h"
#include "deploy/demo-provider/turns.h"

namespace vdm::demo {

struct TrafficOptions {
  HostPort to;
  Secret key;  ///< for the gateway; any text when it requires none
  std::size_t conversations = Conversation::Kinds;
  double speed = 1.0;  ///< divides the pauses between requests
  std::uint32_t seed = 1;
};

/// Reads host and port from "http://127.0.0.1:8082". It refuses https and a path.
Result<TrafficOptions> traffic_to(std::string_view url);

/// Sends light demo traffic to a gateway: a handful of imaginary clients, each with one request at
/// a time, until the thread cancels them. When the gateway does not answer, a client tries again
/// after growing pauses. Thread: its IoThread.
class Traffic {
 public:
  Traffic(http::IoThread& thread, TrafficOptions options)
      : thread_(thread), options_(std::move(options)) {}

  void start();
  /// The number of requests that got a whole answer, whatever its status.
  std::uint64_t answered() const { return answered_; }

 private:
  http::Awaitable<void> converse(std::size_t number);
  http::Awaitable<bool> exchange(const Turn& turn, Conversation& conversation);

  http::IoThread& thread_;
  TrafficOptions options_;
  std::uint64_t answered_ = 0;
};

}  // namespace vdm::demo
