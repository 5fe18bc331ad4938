#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "metrics-service/http2/frame_guard.h"

namespace grpc {
class Server;
}

namespace vdm::metrics {

struct GuardedPortOptions {
  FrameLimits frames;
  std::size_t connections_max = 4'096;
  /// Of them from one address, an IPv6 /64 being one. 0 is half of them, and all for callers of
  /// this machine.
  std::size_t connections_per_address_max = 0;
  std::chrono::milliseconds part_time{10'000};   ///< for the preface, and for a frame that began
  std::chrono::milliseconds write_time{20'000};  ///< for a client to read something of an answer
  std::chrono::milliseconds check_interval{1'000};
};

/// The port of a gRPC server, which itself listens nowhere: each connection passes a FrameGuard,
/// and what may pass reaches gRPC over a pair of sockets. So a stranger can cost gRPC no more than
/// the limits say. A connection that breaks one is closed, and the log says why. peer_address()
/// tells whose call it is. It has a thread of its own. Thread: any, one at a time.
class GuardedPort {
 public:
  /// Binds and listens now; `address` is "host:port", and port 0 takes a free port. The error's
  /// message is one line that names the address and says what to do.
  static Result<std::unique_ptr<GuardedPort>> open(const std::string& address,
                                                   const GuardedPortOptions& options = {});
  /// Ends every connection.
  ~GuardedPort();

  std::uint16_t port() const;
  /// Begins to accept. The server must outlive the port.
  void serve(grpc::Server& server);
  /// Returns when no further connection reaches the server; those that there are go on.
  void close();

 private:
  struct State;
  explicit GuardedPort(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace vdm::metrics
