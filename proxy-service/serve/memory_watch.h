#pragma once

#include <utility>

#include "proxy-service/serve/io_thread.h"
#include "proxy-service/worker/memory_use.h"
#include "proxy-service/worker/server_state.h"

namespace vdm::proxy {

/// Reads each second how much memory is in use, for those who may not begin when it is too much.
/// Thread: the one whose tick calls it.
class MemoryWatch final : public Ticking {
 public:
  MemoryWatch(ServerState& server, MemoryUse use) : server_(server), use_(std::move(use)) {}

  void tick() override {
    if (ticks_++ % TicksBetween == 0) {
      server_.memory_used.store(use_.read(), std::memory_order_relaxed);
    }
  }

 private:
  static constexpr unsigned TicksBetween = 10;

  ServerState& server_;
  const MemoryUse use_;
  unsigned ticks_ = 0;
};

}  // namespace vdm::proxy
