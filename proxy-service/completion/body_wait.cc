#include "proxy-service/completion/body_wait.h"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace vdm::proxy {

Refusal client_gone() { return {499, "client_gone", "the client closed the connection"}; }

Refusal no_time_for_body() {
  return {503, "overloaded", "too many large requests are being converted; try again shortly"};
}

Refusal no_room_for_body() {
  return {503, "overloaded", "too many large requests at once; try again shortly"};
}

std::optional<Refusal> BodyWait::begin(const ClientRequest& request) {
  constexpr std::string_view Continue = "HTTP/1.1 100 Continue\r\n\r\n";
  begun_ = client_.worker().now;
  if (!request.expect_continue || !client_.connection().unread().empty()) return std::nullopt;
  BufferSequence buffers;
  buffers.add(Continue);
  if (!client_.send_now(buffers)) return client_gone();
  return std::nullopt;
}

void BodyWait::arm(std::uint64_t received) {
  const Timeouts& timeouts = client_.worker().config.timeouts;
  WaitPoint& wait_point = client_.wait_point();
  if (timeouts.body_bytes_per_second_min == 0) {
    wait_point.clear_deadline();
  } else {
    const std::uint64_t seconds = received / timeouts.body_bytes_per_second_min;
    const auto earned = std::chrono::seconds(static_cast<std::int64_t>(seconds));
    wait_point.set_deadline(begun_ +
                            std::max<MonotonicTime::duration>(timeouts.body_grace, earned));
  }
  client_.connection().arm();
}

Task<std::optional<Refusal>> BodyWait::more(std::uint64_t received) {
  WaitPoint& wait_point = client_.wait_point();
  if (client_.connection().ended()) co_return client_gone();
  arm(received);
  co_await wait_point.wait();
  if (wait_point.interrupted() == Interrupt::Shutdown) {
    co_return Refusal{503, "gateway_shutdown", "the gateway is shutting down"};
  }
  if (wait_point.interrupted() != Interrupt::None) co_return client_gone();
  if (wait_point.expired()) co_return refusal_of(http1::BodyTooSlow);
  co_return std::nullopt;
}

}  // namespace vdm::proxy
