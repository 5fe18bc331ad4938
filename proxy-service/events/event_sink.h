#pragma once

#include <cstdint>
#include <utility>

#include "proto/contract/event.h"

namespace vdm::proxy {

/// Names a request to the sink that has its Started.
struct StartRef {
  std::uint64_t place = 0;              ///< 0: the sink does not have it
  const RequestFacts* facts = nullptr;  ///< compared, never read
};

/// Where a request records its events; requests know nothing else of metrics. It
/// never blocks, never throws and never fails a request: it counts the events that
/// it cannot keep. Thread: any.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// Returns what the request's later events give as `start`.
  virtual StartRef started(const FactsPtr& facts) noexcept = 0;
  virtual void progressed(Progressed&& progressed, StartRef start) noexcept = 0;
  /// Without a start it is the end of a request that never started.
  virtual void ended(const Ended& ended, StartRef start) noexcept = 0;

  /// The one of these that fits; of a Gap, none.
  StartRef record(Event&& event, StartRef start = {}) noexcept;
};

inline StartRef EventSink::record(Event&& event, StartRef start) noexcept {
  if (const auto* first = std::get_if<Started>(&event)) return started(first->facts);
  if (auto* step = std::get_if<Progressed>(&event)) progressed(std::move(*step), start);
  if (const auto* last = std::get_if<Ended>(&event)) ended(*last, start);
  return start;
}

/// For a proxy whose metrics are switched off.
class DiscardingSink final : public EventSink {
 public:
  StartRef started(const FactsPtr&) noexcept override { return {}; }
  void progressed(Progressed&&, StartRef) noexcept override {}
  void ended(const Ended&, StartRef) noexcept override {}
};

}  // namespace vdm::proxy
