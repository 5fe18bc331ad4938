#pragma once

#include "proto/contract/event.h"

namespace vdm::proxy {

/// Where the proxy says what happens to requests; all that serving knows of
/// metrics. It never blocks, never throws and never fails a request: what cannot
/// be kept is counted. Thread: any.
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
