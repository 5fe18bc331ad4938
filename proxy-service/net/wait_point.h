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
  Operator,    ///< an operator cancelled the request
  Shutdown,    ///< the process ends
};

/// The one place where a session's coroutine waits. Its connections, a deadline or
/// an interruption wake it here, and the session checks itself what has changed. So
/// no second coroutine runs beside a session, and it gives up by returning. The
/// thread's tick checks the deadline. Thread: its IoThread.
class WaitPoint {
 public:
  struct Suspension {
    WaitPoint& wait_point;
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> session) { wait_point.session_ = session; }
    void await_resume() {}
  };
  /// Suspends until the next wake(). The caller checks its conditions before and after.
  Suspension wait() { return {*this}; }
  /// Resumes the session at once, until it waits again. That may end the session and
  /// destroy this object: the caller must do nothing after it.
  void wake() {
    if (session_) std::exchange(session_, nullptr).resume();
  }

  /// Keeps the first reason, and wakes the session.
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

  /// Whether the session has a reason to stop waiting for a socket.
  bool over() const { return why_ != Interrupt::None || expired_; }

 private:
  std::coroutine_handle<> session_;
  MonotonicTime deadline_ = MonotonicTime::max();
  Interrupt why_ = Interrupt::None;
  bool expired_ = false;
};

}  // namespace vdm::proxy
