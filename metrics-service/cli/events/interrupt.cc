#include "metrics-service/cli/events/interrupt.h"

#include <csignal>

#include <grpcpp/client_context.h>

namespace vdm::cli {
namespace {

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::thread([this, signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    request();
  });
}

Interrupt::~Interrupt() {
  pthread_kill(thread_.native_handle(), SIGTERM);  // ends its sigwait
  thread_.join();
}

bool Interrupt::requested() const {
  const std::lock_guard lock(mutex_);
  return requested_;
}

void Interrupt::request() {
  const std::lock_guard lock(mutex_);
  requested_ = true;
  if (context_ != nullptr) context_->TryCancel();
  changed_.notify_all();
}

bool Interrupt::wait_for(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return requested_; });
}

Interrupt::Scope::Scope(Interrupt& interrupt, grpc::ClientContext& context)
    : interrupt_(interrupt) {
  const std::lock_guard lock(interrupt_.mutex_);
  interrupt_.context_ = &context;
  if (interrupt_.requested_) context.TryCancel();
}

Interrupt::Scope::~Scope() {
  const std::lock_guard lock(interrupt_.mutex_);
  interrupt_.context_ = nullptr;
}

}  // namespace vdm::cli
