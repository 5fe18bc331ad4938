#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/result.h"
#include "proxy-service/serve/io_thread.h"

namespace vdm::proxy {

/// Accepts connections on the first thread and deals them to all in turn. Beyond
/// the limit a connection is told so and closed. Thread: its IoThread; start(), close()
/// any.
class Listener final : public Reactor::Watched, public Ticking {
 public:
  /// Binds now; what is wrong is said in words a person can act on.
  static Result<std::unique_ptr<Listener>> open(ConfigSnapshot& snapshot,
                                                std::vector<std::unique_ptr<IoThread>>& threads);

  void start();
  /// Takes what the kernel has taken already, accepts no more, and says so on its thread.
  void close(std::function<void()> closed);
  const tcp::endpoint& address() const { return address_; }

 private:
  Listener(ConfigSnapshot& snapshot, std::vector<std::unique_ptr<IoThread>>& threads)
      : snapshot_(snapshot), threads_(threads) {}

  enum class Left { Nothing, Perhaps, Fault };

  int bind(const tcp::endpoint& wanted);
  void ready(std::uint32_t events) override;
  void tick() override;
  /// A few, so that a flood of connections does not starve those that are served.
  Left accept_some();
  void refuse(int descriptor);

  ConfigSnapshot& snapshot_;
  std::vector<std::unique_ptr<IoThread>>& threads_;
  Descriptor socket_;
  tcp::endpoint address_;
  bool paused_ = false;
  std::size_t next_ = 0;
};

}  // namespace vdm::proxy
