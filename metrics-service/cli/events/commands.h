#pragma once

#include "metrics-service/cli/events/client.h"
#include "metrics-service/cli/events/interrupt.h"
#include "metrics-service/cli/options/view_options.h"
#include "metrics-service/cli/terminal/streams.h"

namespace vdm::cli {

/// Runs the command that the options name and returns the exit code.
int run(const Options& options, Client& client, Interrupt& interrupt, const Streams& streams);

}  // namespace vdm::cli
