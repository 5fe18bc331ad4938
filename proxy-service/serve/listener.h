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
  void close();
  const tcp::endpoint& address() const { return address_; }

 private:
  using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

  Listener(Shared& shared, std::vector<std::unique_ptr<IoThread>>& threads)
      : shared_(shared),
        threads_(threads),
        acceptor_(threads.front()->context()),
        pause_(threads.front()->context()) {}

  void wait();
  void accept_all();
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
