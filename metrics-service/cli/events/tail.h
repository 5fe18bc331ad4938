#pragma once

#include <ostream>
#include <string>

#include <vdm/metrics/v1/events.pb.h>

#include "metrics-service/cli/events/client.h"
#include "metrics-service/cli/events/interrupt.h"
#include "metrics-service/cli/events/options.h"

namespace vdm::cli {

/// Prints the live stream until it is interrupted, its count is reached, nobody
/// reads `out`, or the service refuses. Resumes by itself. Returns the exit code.
int tail(const Options& options, Client& client, Interrupt& interrupt, std::ostream& out,
         std::ostream& err);

/// One reply as a line of JSON without its end; empty for heartbeats.
std::string tail_line(const metrics::v1::SubscribeReply& reply);

}  // namespace vdm::cli
