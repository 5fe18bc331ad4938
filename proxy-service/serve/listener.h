#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/result.h"
#include "proxy-service/serve/io_thread.h"

namespace vdm::proxy {

/// Accepts connections on the first thread and deals them out to all threads in turn.
/// Beyond the limit, in all or for one address, it answers a connection with 503 and closes it; a
/// few more in all may ask for health. Thread: its IoThread; start(), close() any.
class Listener final : public Reactor::Watched, public Ticking {
 public:
  /// Binds now; an error's message tells a person what to change.
  static Result<std::unique_ptr<Listener>> open(ConfigSnapshot& snapshot,
                                                std::vector<std::unique_ptr<IoThread>>& threads);

  void start();
  /// Accepts what the kernel has queued, then closes the socket and calls `closed` on its thread.
  void close(std::function<void()> closed);
  const tcp::endpoint& address() const { return address_; }

 private:
  Listener(ConfigSnapshot& snapshot, std::vector<std::unique_ptr<IoThread>>& threads)
      : snapshot_(snapshot), threads_(threads) {}

  enum class Queue { Empty, More, Fault };

  int bind(const tcp::endpoint& wanted);
  void ready(std::uint32_t events) override;
  void tick() override;
  /// Accepts a few, so that a flood of connections does not starve the running sessions.
  Queue accept_some();
  void take(Accepted accepted);
  std::size_t most_of(const IpAddress& peer) const;

  ConfigSnapshot& snapshot_;
  std::vector<std::unique_ptr<IoThread>>& threads_;
  Descriptor socket_;
  tcp::endpoint address_;
  bool paused_ = false;
  std::size_t next_ = 0;
};

}  // namespace vdm::proxy
