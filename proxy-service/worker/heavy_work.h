#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "proxy-service/net/task.h"

namespace vdm::proxy {

class ClientConnection;

/// One thread of the process for work that would hold an I/O thread up: a request of several
/// megabytes to convert. The requests wait for it in order, so that the memory which one of them
/// needs is needed once. It starts with the first work. Thread: any; the destructor its owner's,
/// when no session waits any more.
class HeavyWork {
 public:
  /// What begins with a body larger than this leaves the I/O thread.
  static constexpr std::size_t BytesMin = 1024 * 1024;
  /// That wait at a time.
  static constexpr std::size_t WaitingMax = 256;

  HeavyWork();
  ~HeavyWork();
  HeavyWork(const HeavyWork&) = delete;
  HeavyWork& operator=(const HeavyWork&) = delete;

  /// Runs `work`, which is on so many bytes: here when they are few, else on that thread while the
  /// session waits, even when its client leaves, so `work` may use what the session owns. What it
  /// throws is thrown here. False when too many wait, or the system has no thread left: then it
  /// did not run.
  Task<bool> run(ClientConnection& client, std::size_t bytes, std::function<void()> work);

 private:
  struct State;
  bool start(std::function<void()> job);

  const std::unique_ptr<State> state_;
};

}  // namespace vdm::proxy
