#pragma once

#include <string_view>

#include "common/base/result.h"
#include "proxy-service/net/wait_point.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// The error of a call that a session gave up: it was interrupted, or else its deadline
/// passed, and then `what` names what took too long. Thread: its IoThread.
Error wait_error(const WaitPoint& wait_point, const Provider& provider, std::string_view what);

}  // namespace vdm::proxy
