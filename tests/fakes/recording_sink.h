#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "proxy-service/events/event_sink.h"

namespace vdm::fakes {

/// Stores recorded events and lets a test wait for them. Thread: any.
class RecordingSink final : public proxy::EventSink {
 public:
  proxy::StartRef started(const FactsPtr& facts) noexcept override {
    keep(Started{facts});
    return {};
  }
  void progressed(Progressed&& progressed, proxy::StartRef) noexcept override {
    keep(std::move(progressed));
  }
  void ended(const Ended& ended, proxy::StartRef) noexcept override { keep(Ended(ended)); }

  template <class Kind>
  std::vector<Kind> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<Kind> found;
    for (const Event& event : events_) {
      if (const auto* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
    }
    return found;
  }

  /// All events of a kind, once there are at least `count`; after ten seconds those there are.
  template <class Kind>
  std::vector<Kind> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] {
      std::size_t found = 0;
      for (const Event& event : events_) found += std::holds_alternative<Kind>(event) ? 1 : 0;
      return found >= count;
    });
    lock.unlock();
    return all<Kind>();
  }

 private:
  void keep(Event&& event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    }
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;
};

}  // namespace vdm::fakes
