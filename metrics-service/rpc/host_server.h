#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "metrics-service/rpc/rpc_server.h"

namespace vdm::metrics {

/// A gRPC service and the host that its calls share: starts the server, calls the host's check()
/// now and then, and ends all calls in order. A Host has `owner`, `open`, the options `address` and
/// `check_interval`, check(), and close(), which ends every call with the given status; only the
/// owner's thread may touch these, except the options. Thread: as each function says.
template <class Host, class Service>
class HostServer {
 public:
  explicit HostServer(std::shared_ptr<Host> host)
      : host_(std::move(host)),
        service_(host_),
        timer_(std::make_shared<boost::asio::steady_timer>(host_->owner)) {}

  /// Listens at once. The owner's thread must run until stop() has returned.
  Result<void> start(const std::string& service_name) {
    auto rpc = start_rpc_server(host_->options.address, service_, service_name);
    if (!rpc) return rpc.error();
    rpc_ = std::move(*rpc);
    boost::asio::post(host_->owner, [timer = timer_, host = host_] {
      if (host->open) check_later(timer, host);
    });
    return {};
  }

  const std::shared_ptr<Host>& host() const { return host_; }
  std::uint16_t port() const { return rpc_.port->port(); }

  /// Returns when gRPC has finished all calls. Call it on any thread but the owner's.
  void stop() {
    if (!rpc_.server) return;
    boost::asio::post(host_->owner, [host = host_, timer = timer_] {
      host->open = false;
      timer->cancel();
      host->close({grpc::StatusCode::UNAVAILABLE, "the metrics service is shutting down"});
    });
    rpc_.port->close();
    rpc_.server->Shutdown(std::chrono::system_clock::now() + StopGrace);
    rpc_.port.reset();  // it must not outlive the server
    rpc_.server.reset();
  }

 private:
  static constexpr std::chrono::seconds StopGrace{1};

  static void check_later(const std::shared_ptr<boost::asio::steady_timer>& timer,
                          const std::shared_ptr<Host>& host) {
    timer->expires_after(host->options.check_interval);
    timer->async_wait([timer, host](const boost::system::error_code& fault) {
      if (fault || !host->open) return;
      host->check();
      check_later(timer, host);
    });
  }

  const std::shared_ptr<Host> host_;
  Service service_;
  const std::shared_ptr<boost::asio::steady_timer> timer_;
  RpcServer rpc_;
};

}  // namespace vdm::metrics
