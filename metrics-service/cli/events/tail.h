#pragma once

#include <ostream>
#include <string>

#include <vdm/metrics/v1/events.pb.h>

#include "metrics-service/cli/events/client.h"
#include "metrics-service/cli/events/interrupt.h"
#include "metrics-service/cli/options/view_options.h"

namespace vdm::cli {

/// Prints the live stream until an interrupt, until its count is reached, until the reader of `out`
/// is gone, or until the service refuses. Reconnects and resumes by itself. Returns the exit code.
int tail(const Options& options, Client& client, Interrupt& interrupt, std::ostream& out,
         std::ostream& err);

/// One reply as a line of JSON without the line end; empty for heartbeats.
std::string tail_line(const metrics::v1::SubscribeReply& reply);

}  // namespace vdm::cli
