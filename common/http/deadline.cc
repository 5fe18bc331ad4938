#include "common/http/deadline.h"

#include <utility>

namespace vdm::http {

Deadline::Deadline(net::ip::tcp::socket& socket) : socket_(socket), timer_(socket.get_executor()) {}

void Deadline::arm(std::chrono::milliseconds time) {
  disarm();
  expired_ = false;
  armed_ = std::make_shared<bool>(true);
  timer_.expires_after(time);
  timer_.async_wait([this, armed = armed_](const boost::system::error_code& error) {
    if (error || !*armed) return;
    expired_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  });
}

void Deadline::disarm() {
  if (!armed_) return;
  *std::exchange(armed_, nullptr) = false;
  timer_.cancel();
}

}  // namespace vdm::http
