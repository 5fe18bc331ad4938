#pragma once

#include "common/base/env.h"
#include "metrics-service/cli/local/local_options.h"
#include "metrics-service/cli/terminal/streams.h"

namespace vdm::cli {

/// Runs what was asked for and returns the exit code; `claude` does not return when it works.
/// Called before there are other threads.
int run_local(const LocalOptions& options, const Env& env, const Streams& streams);

}  // namespace vdm::cli
