#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace grpc {
class ClientContext;
}

namespace vdm::cli {

/// Ctrl-C and SIGTERM, for commands that run until then: it cancels the call
/// that is going on and wakes whoever waits. Made before gRPC starts threads, since
/// signals are blocked in all of them but its own. Thread: any.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool requested() const;
  /// The same as the signal, by hand.
  void request();
  /// False: it was interrupted.
  bool wait_for(std::chrono::milliseconds time);

  /// Cancels `context` on an interrupt for as long as this lives.
  class Scope {
   public:
    Scope(Interrupt& interrupt, grpc::ClientContext& context);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Interrupt& interrupt_;
  };

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool requested_ = false;
  grpc::ClientContext* context_ = nullptr;
  std::thread thread_;
};

}  // namespace vdm::cli
