#pragma once

#include "metrics-service/cli/launch/service_config.h"
#include "metrics-service/cli/options/local_options.h"
#include "metrics-service/cli/terminal/streams.h"

namespace vdm::cli {

/// The commands that call a running proxy: `models` and `test`. Each returns the exit code. Blocks.
int list_models(const LocalOptions& options, const ServiceCalls& calls, const Streams& streams);
int test_provider(const LocalOptions& options, const ServiceCalls& calls, const Streams& streams);

}  // namespace vdm::cli
