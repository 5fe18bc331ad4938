#pragma once

#include <coroutine>
#include <cstdint>
#include <utility>

#include "common/base/clock.h"

namespace vdm::proxy {

/// Why a session should give up what it is doing.
enum class Interrupt : std::uint8_t {
  None,
  ClientGone,  ///< the client closed, or does not read
  Operator,    ///< somebody cancelled the request
  Shutdown,    ///< the process ends
};

/// The one place where a session's coroutine waits. Whatever may concern it (its
/// sockets, a deadline, an interruption) wakes it here, and it looks for itself
/// what has changed. So nothing runs beside a session, and leaving is returning.
/// The deadline is looked at by the thread's tick. Thread: its IoThread.
class WaitPoint {
 public:
  struct Suspension {
    WaitPoint& wait_point;
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> session) { wait_point.session_ = session; }
    void await_resume() {}
  };
  /// Suspends until the next wake(); conditions are looked at before and after.
  Suspension wait() { return {*this}; }
  /// Runs the session here and now, up to where it waits next. It may end the session,
  /// and with it this object: nothing may follow.
  void wake() {
    if (session_) std::exchange(session_, nullptr).resume();
  }

  /// The first one stays.
  void interrupt(Interrupt why) {
    if (why_ == Interrupt::None) why_ = why;
    wake();
  }
  Interrupt interrupted() const { return why_; }

  void set_deadline(MonotonicTime at) {
    deadline_ = at;
    expired_ = false;
  }
  void clear_deadline() { set_deadline(MonotonicTime::max()); }
  void tick(MonotonicTime now) {
    if (now < deadline_ || expired_) return;
    expired_ = true;
    wake();
  }
  bool expired() const { return expired_; }

  /// Whether there is any reason to stop waiting for a socket.
  bool over() const { return why_ != Interrupt::None || expired_; }

 private:
  std::coroutine_handle<> session_;
  MonotonicTime deadline_ = MonotonicTime::max();
  Interrupt why_ = Interrupt::None;
  bool expired_ = false;
};

}  // namespace vdm::proxy
