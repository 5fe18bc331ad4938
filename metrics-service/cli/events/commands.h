#pragma once

#include "metrics-service/cli/events/client.h"
#include "metrics-service/cli/events/interrupt.h"
#include "metrics-service/cli/events/options.h"
#include "metrics-service/cli/terminal/streams.h"

namespace vdm::cli {

/// Runs what was asked for and returns the exit code.
int run(const Options& options, Client& client, Interrupt& interrupt, const Streams& streams);

}  // namespace vdm::cli
