#pragma once

#include <cstdint>
#include <span>

#include "proto/contract/event.h"
#include "proto/contract/wire_buffer.h"

namespace vdm {

/// Events straight to the wire, without a message object for each: what a proxy
/// reports goes this way, and costs a third of the way over objects. Says exactly
/// what encode() of event_codec.h says; a test holds one to the other. Pure. Thread: any.

/// Appends the fields of a metrics.v1.Event.
void write_event(const Event& event, WireBuffer& out);

/// A whole metrics.v1.ReportRequest that carries a batch.
void write_batch_request(std::uint64_t first_seq, std::span<const Event* const> events,
                         WireBuffer& out);

}  // namespace vdm
