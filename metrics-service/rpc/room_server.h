#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "metrics-service/rpc/rpc_server.h"

namespace vdm::metrics {

/// A gRPC service and the room that its calls share: starts them, looks after the
/// calls now and then, and ends them in order. A Room has `owner`, `open`, the options
/// `address` and `check_interval`, check(), and close(), which ends every call with
/// the status given; all but the options are the owner's thread's.
/// Thread: as each function says.
template <class Room, class Service>
class RoomServer {
 public:
  explicit RoomServer(std::shared_ptr<Room> room)
      : room_(std::move(room)),
        service_(room_),
        timer_(std::make_shared<boost::asio::steady_timer>(room_->owner)) {}

  /// Listens at once. The owner's thread runs until stop() has returned.
  Result<void> start(const std::string& service_name) {
    auto rpc = start_rpc_server(room_->options.address, service_, service_name);
    if (!rpc) return rpc.error();
    rpc_ = std::move(*rpc);
    boost::asio::post(room_->owner, [timer = timer_, room = room_] {
      if (room->open) check_later(timer, room);
    });
    return {};
  }

  const std::shared_ptr<Room>& room() const { return room_; }
  std::uint16_t port() const { return rpc_.port; }

  /// Returns when gRPC is done with all calls. Any thread but the owner's.
  void stop() {
    if (!rpc_.server) return;
    boost::asio::post(room_->owner, [room = room_, timer = timer_] {
      room->open = false;
      timer->cancel();
      room->close({grpc::StatusCode::UNAVAILABLE, "the metrics service is shutting down"});
    });
    rpc_.server->Shutdown(std::chrono::system_clock::now() + StopGrace);
    rpc_.server.reset();
  }

 private:
  static constexpr std::chrono::seconds StopGrace{1};

  static void check_later(const std::shared_ptr<boost::asio::steady_timer>& timer,
                          const std::shared_ptr<Room>& room) {
    timer->expires_after(room->options.check_interval);
    timer->async_wait([timer, room](const boost::system::error_code& fault) {
      if (fault || !room->open) return;
      room->check();
      check_later(timer, room);
    });
  }

  const std::shared_ptr<Room> room_;
  Service service_;
  const std::shared_ptr<boost::asio::steady_timer> timer_;
  RpcServer rpc_;
};

}  // namespace vdm::metrics
