#pragma once

#include <optional>

#include "common/base/clock.h"
#include "proxy-service/net/descriptor.h"
#include "proxy-service/net/reactor.h"

namespace vdm::proxy {

/// How long what became readable waits for its thread. After a round that found as many changes as
/// it can hold, others wait in the kernel's queue; a probe then joins the end of that queue, and
/// its delay is theirs. A thread that keeps up sends no probe, so it pays nothing. Throws
/// std::system_error when the kernel has no descriptor for it. Thread: its IoThread.
class LoopLag final : private Reactor::Watched {
 public:
  using Duration = MonotonicTime::duration;

  LoopLag(Reactor& reactor, const Clock& clock);
  ~LoopLag() { reactor_.forget(*this); }
  LoopLag(const LoopLag&) = delete;
  LoopLag& operator=(const LoopLag&) = delete;

  /// Call it after each round of the reactor.
  void round_over() {
    if (reactor_.was_full()) return send_probe();
    if (!sent_at_) last_ = Duration::zero();
  }
  /// The delay of the last probe, or the age of the one on its way if that is more.
  Duration delay(MonotonicTime now) const {
    return sent_at_ && now - *sent_at_ > last_ ? now - *sent_at_ : last_;
  }

 private:
  void send_probe();
  void ready(std::uint32_t events) override;

  Reactor& reactor_;
  const Clock& clock_;
  Descriptor probe_;
  std::optional<MonotonicTime> sent_at_;
  Duration last_ = Duration::zero();
};

}  // namespace vdm::proxy
