#pragma once

#include <ostream>

#include "metrics-service/cli/launch/service_config.h"
#include "metrics-service/cli/terminal/table.h"

namespace vdm::cli {

enum class CheckDepth { Errors, EverySource };

/// Lets both services check the configuration they would start with, and prints their reports.
/// Returns the exit code.
int config_check(const ServiceCalls& calls, CheckDepth depth, std::ostream& out, std::ostream& err,
                 Colour colour);

}  // namespace vdm::cli
