#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/result.h"
#include "proxy-service/serve/io_thread.h"

namespace vdm::proxy {

/// Accepts connections on the first thread and deals them to all in turn. Beyond
/// the limit a connection is told so and closed. Thread: its IoThread; close() any.
class Listener {
 public:
  /// Binds now; what is wrong is said in words a person can act on.
  static Result<std::unique_ptr<Listener>> open(Shared& shared,
                                                std::vector<std::unique_ptr<IoThread>>& threads);

  void start();
  /// Takes what the kernel has taken already, accepts no more, and says so on its thread.
  void close(std::function<void()> closed);
  const tcp::endpoint& address() const { return address_; }

 private:
  using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

  Listener(Shared& shared, std::vector<std::unique_ptr<IoThread>>& threads)
      : shared_(shared),
        threads_(threads),
        acceptor_(threads.front()->context()),
        pause_(threads.front()->context()) {}

  enum class Left { Nothing, Perhaps, Fault };

  void wait();
  /// A few, so that a flood of connections does not starve those that are served.
  Left accept_some();
  void pause();
  void refuse(int descriptor);

  Shared& shared_;
  std::vector<std::unique_ptr<IoThread>>& threads_;
  Acceptor acceptor_;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      pause_;
  tcp::endpoint address_;
  std::size_t next_ = 0;
};

}  // namespace vdm::proxy
