#pragma once

#include <chrono>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/http/message.h"

namespace vdm::demo {

/// Waits for `time`, on the thread of whoever awaits it.
inline http::Awaitable<void> pause(std::chrono::microseconds time) {
  http::net::steady_timer timer(co_await http::net::this_coro::executor, time);
  co_await timer.async_wait(http::net::use_awaitable);
}

}  // namespace vdm::demo
