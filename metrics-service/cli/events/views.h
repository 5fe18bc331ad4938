#pragma once

#include <string>

#include <vdm/metrics/v1/events.pb.h>

#include "metrics-service/cli/options/view_options.h"
#include "metrics-service/cli/terminal/table.h"

namespace vdm::cli {

/// Formats replies as text for a person. Pure. Thread: any.

std::string active_text(const metrics::v1::GetActiveRequestsReply& reply, Colour colour);
std::string totals_text(const metrics::v1::GetRunningTotalsReply& reply, Colour colour);
std::string status_text(const metrics::v1::GetStatusReply& reply, const std::string& address,
                        Colour colour);

}  // namespace vdm::cli
