#include "proxy-service/http/waiting.h"

#include <utility>

namespace vdm::proxy {

Task<void> Waiting::wait() {
  auto keep = [this](Handler handler) { waiter_.emplace(std::move(handler)); };
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(std::move(keep),
                                                                             use_task);
}

void Waiting::wake() {
  if (!waiter_) return;
  Handler handler = std::move(*waiter_);
  waiter_.reset();
  // Runs the coroutine here and now, up to where it waits next. It may end the
  // session, and with it this object: nothing may follow.
  std::move(handler)();
}

}  // namespace vdm::proxy
