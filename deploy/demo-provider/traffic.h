#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/http/io_thread.h"
#include "deploy/demo-provider/turns.h"

namespace vdm::demo {

struct TrafficOptions {
  std::string host;
  std::string port;
  Secret key;  ///< of the gateway; any word when it asks for none
  std::size_t conversations = Conversation::Kinds;
  double speed = 1.0;  ///< the pauses between requests are divided by it
  std::uint32_t seed = 1;
};

/// "http://127.0.0.1:8082" into host and port. Only plain http, and no path.
Result<TrafficOptions> traffic_to(std::string_view url);

/// Light demo traffic against a gateway: a handful of imaginary clients, one
/// request at a time each, until the thread cancels them. A gateway that is away
/// is tried again, with growing pauses. Thread: its IoThread.
class Traffic {
 public:
  Traffic(http::IoThread& thread, TrafficOptions options)
      : thread_(thread), options_(std::move(options)) {}

  void start();
  /// Requests that got a whole answer, whatever it said.
  std::uint64_t answered() const { return answered_; }

 private:
  http::Awaitable<void> converse(std::size_t number);
  http::Awaitable<bool> exchange(const Turn& turn, Conversation& conversation);

  http::IoThread& thread_;
  TrafficOptions options_;
  std::uint64_t answered_ = 0;
};

}  // namespace vdm::demo
