#pragma once

#include <chrono>
#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/http/message.h"

namespace vdm::http {

/// Cancels what is pending on a socket when its time is over, and remembers that
/// it did. Arming again starts anew. Thread: its IoThread.
class Deadline {
 public:
  explicit Deadline(net::ip::tcp::socket& socket);
  ~Deadline() { disarm(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void arm(std::chrono::milliseconds time);
  void disarm();
  /// Whether the time last armed ran out.
  bool expired() const { return expired_; }

 private:
  net::ip::tcp::socket& socket_;
  net::steady_timer timer_;
  bool expired_ = false;
  /// What a queued timer handler checks: the timer may have fired, its handler not
  /// yet run, when the deadline is disarmed or gone.
  std::shared_ptr<bool> armed_;
};

}  // namespace vdm::http
