#pragma once

#include "proto/contract/event.h"

namespace vdm::proxy {

/// Where a request records its events; requests know nothing else of metrics. It
/// never blocks, never throws and never fails a request: it counts the events that
/// it cannot keep. Thread: any.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void record(Event&& event) noexcept = 0;
};

/// For a proxy whose metrics are switched off.
class DiscardingSink final : public EventSink {
 public:
  void record(Event&&) noexcept override {}
};

}  // namespace vdm::proxy
