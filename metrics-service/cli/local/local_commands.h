#pragma once

#include "common/base/env.h"
#include "metrics-service/cli/options/local_options.h"
#include "metrics-service/cli/terminal/streams.h"

namespace vdm::cli {

/// Runs the command that the options name and returns the exit code; `claude` returns only on an
/// error. Call it before the process has other threads.
int run_local(const LocalOptions& options, const Env& env, const Streams& streams);

}  // namespace vdm::cli
