#pragma once

#include "metrics-service/tracker/figures/totals.h"
#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics::v1 {
class ActiveRequestView;
class Counters;
class LiveEvent;
class ProxyView;
class Trace;
}  // namespace vdm::metrics::v1

namespace vdm::metrics {

/// Encodes what the tracker shows as messages of the Events service. Pure. Thread: any.

void encode(const LiveEvent& event, v1::LiveEvent& out);
void encode(const ActiveView& active, v1::ActiveRequestView& out);
void encode(const ProxyView& proxy, v1::ProxyView& out);
void encode(const Trace& trace, v1::Trace& out);
void encode(const Counters& counters, v1::Counters& out);

}  // namespace vdm::metrics
