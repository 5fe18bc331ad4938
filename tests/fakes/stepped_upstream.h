#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/fakes/fake_upstream.h"

namespace vdm::fakes {

/// What a provider does with one request.
struct Step {
  enum class Then : std::uint8_t {
    Serve,  ///< the connection takes the next request
    Close,
    Reset,
    Wait,  ///< sends nothing more until the other side has closed
  };
  enum class Cut : std::uint8_t { AtOnce, ByteByByte };

  std::string bytes;
  Then then = Then::Serve;
  Cut cut = Cut::AtOnce;
};

/// A provider that answers its first request with the first step, its second with the second, and
/// so on, whichever connection carries a request; the last step also answers all later requests.
/// Thread: any.
class SteppedUpstream {
 public:
  explicit SteppedUpstream(std::vector<Step> steps)
      : steps_(std::move(steps)), upstream_([this](Peer& peer, int) { serve(peer); }) {}

  std::uint16_t port() const { return upstream_.port(); }
  int connections() const { return upstream_.connections(); }
  std::vector<Message> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  /// Waits up to ten seconds until the provider has received so many requests.
  bool is_asked(std::size_t times) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10),
                             [&] { return asked_.size() >= times; });
  }

 private:
  void serve(Peer& peer) {
    for (;;) {
      Message request = peer.read_message();
      if (!request.complete) return;
      const Step& step = next(std::move(request));
      if (!send(peer, step)) return;
      if (step.then == Step::Then::Serve) continue;
      if (step.then == Step::Then::Wait) peer.sees_close_within(10'000);
      step.then == Step::Then::Reset ? peer.reset() : peer.close();
      return;
    }
  }
  const Step& next(Message request) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(request));
    changed_.notify_all();
    return steps_[std::min(asked_.size(), steps_.size()) - 1];
  }
  static bool send(Peer& peer, const Step& step) {
    return step.cut == Step::Cut::AtOnce ? peer.send(step.bytes)
                                         : peer.send_byte_by_byte(step.bytes);
  }

  const std::vector<Step> steps_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Message> asked_;
  FakeUpstream upstream_;  // declared last: its threads must end before the members they use
};

}  // namespace vdm::fakes
