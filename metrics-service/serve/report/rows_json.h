#pragma once

#include <cstdint>
#include <string>

#include "common/base/json_writer.h"
#include "metrics-service/tracker/view.h"

namespace vdm::metrics {

/// Writes one row each as a JSON object: first the members of the compatible format in their order,
/// then ours. Pure.

void write_active(JsonWriter& out, const ActiveView& row);
/// Which list the row is in; in the list of errors it also has a number there.
enum class TraceList { Traces, Errors };
void write_trace(JsonWriter& out, const Trace& trace, TraceList list);
/// The row of a provider or a model, or, when it names neither, the summary.
void write_totals(JsonWriter& out, const TotalsView& row);
void write_proxy(JsonWriter& out, const ProxyView& proxy);
void write_second(JsonWriter& out, const Second& second);

double unix_seconds(WallTime time);
double milliseconds(Micros duration);
/// Of the requests that ended, rounded; 0 when none did.
std::int64_t average_ms(const Counters& counters);
/// RFC 3339 in UTC with milliseconds; empty for the epoch.
std::string rfc3339(WallTime time);

}  // namespace vdm::metrics
