#pragma once

#include <optional>
#include <ostream>
#include <variant>

#include "common/base/env.h"
#include "metrics-service/cli/gateway/gateway_facts.h"
#include "metrics-service/cli/launch/service_config.h"
#include "metrics-service/cli/terminal/command_result.h"

namespace vdm::cli {

/// The services on this machine as vdm starts and ends them. Every wait is bounded. Blocks.

struct RunningServices {
  HostPort proxy;
  GatewayFacts facts;
  std::optional<HostPort> metrics;  ///< nothing: LOG_REQUEST_METRICS is false
};

/// Starts what is not running, and waits until both are ready. What runs already is used,
/// whoever started it.
std::variant<RunningServices, CommandResult> bring_up(const ServiceCalls& calls);

enum class Patience { FinishRequests, EndNow };

/// Ends what bring_up started, the proxy first, and nothing else.
int bring_down(const ServiceCalls& calls, Patience patience, std::ostream& out, std::ostream& err);

}  // namespace vdm::cli
