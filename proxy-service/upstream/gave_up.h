#pragma once

#include <string_view>

#include "common/base/result.h"
#include "proxy-service/net/wait_point.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Why an exchange with a provider was left: the interruption, or else that its time
/// was over, in which case `what` says what for. Thread: its IoThread.
Error gave_up(const WaitPoint& wait_point, const Provider& provider, std::string_view what);

}  // namespace vdm::proxy
