#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/http_client/http_call.h"

namespace vdm {

/// http_call() as a coroutine: it suspends instead of blocking. Thread: that of its executor.
boost::asio::awaitable<Result<HttpAnswer>> async_http_call(HostPort at, HttpCall call);

}  // namespace vdm
