#pragma once

#include <optional>
#include <ostream>
#include <variant>

#include "common/base/host_port.h"
#include "metrics-service/cli/gateway/gateway_facts.h"
#include "metrics-service/cli/launch/service_config.h"
#include "metrics-service/cli/terminal/command_result.h"

namespace vdm::cli {

/// Starts and ends the services on this machine. Every wait is bounded. Blocks.

struct RunningServices {
  HostPort proxy;
  GatewayFacts facts;
  std::optional<HostPort> metrics;  ///< empty when LOG_REQUEST_METRICS is false
};

/// Starts the services that are not running and waits until both are ready. It uses services that
/// run already, whoever started them.
std::variant<RunningServices, CommandResult> bring_up(const ServiceCalls& calls);

enum class Shutdown { FinishRequests, EndNow };

/// Ends only the services that bring_up started, the proxy first.
int bring_down(const ServiceCalls& calls, Shutdown shutdown, std::ostream& out, std::ostream& err);

}  // namespace vdm::cli
