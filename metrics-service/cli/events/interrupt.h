#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace grpc {
class ClientContext;
}

namespace vdm::cli {

/// Ends long-running commands on Ctrl-C or SIGTERM: it cancels the current call and ends
/// wait_for(). Construct it before gRPC starts its threads, since it blocks these signals in every
/// thread but its own. Thread: any.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool requested() const;
  /// Does by hand what the signal does.
  void request();
  /// Returns false when it was interrupted.
  bool wait_for(std::chrono::milliseconds time);

  /// Cancels `context` on an interrupt, for as long as the Scope lives.
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
