#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace vdm::proxy {

/// Allocates coroutine frames: each thread keeps frames that ended and uses them again.
/// A frame is allocated and released on the same thread. Thread: any.
struct FrameMemory {
  static void* allocate(std::size_t bytes);
  static void release(void* frame, std::size_t bytes) noexcept;
};

template <class T>
class Task;

/// The part of the promise that all tasks share: a task begins when it is awaited,
/// and resumes its awaiter when it ends.
class TaskPromiseBase {
 public:
  static void* operator new(std::size_t bytes) { return FrameMemory::allocate(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept {
    FrameMemory::release(frame, bytes);
  }

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> task) noexcept {
      return task.promise().awaiter_;
    }
    void await_resume() noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { error_ = std::current_exception(); }

  void set_awaiter(std::coroutine_handle<> awaiter) { awaiter_ = awaiter; }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::coroutine_handle<> awaiter_;
  std::exception_ptr error_;
};

template <class T>
class TaskPromise : public TaskPromiseBase {
 public:
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T&& result() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  Task<void> get_return_object();
  void return_void() {}
  void result() { rethrow(); }
};

/// A coroutine that another one awaits, once, on the same thread. There is no
/// executor: the event that it waits for resumes it at once (see WaitPoint).
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle frame) : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  struct Awaiter {
    Handle frame;
    bool await_ready() { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) {
      frame.promise().set_awaiter(awaiter);
      return frame;
    }
    /// The result lives as long as the task: to the end of the statement that awaits it.
    /// Passing a result on through several tasks moves it once for each.
    decltype(auto) await_resume() { return frame.promise().result(); }
  };
  Awaiter operator co_await() && { return Awaiter{frame_}; }

 private:
  Handle frame_;
};

template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(Task<T>::Handle::from_promise(*this));
}

inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(Task<void>::Handle::from_promise(*this));
}

/// Starts `task`, which no coroutine awaits; `on_fault` gets the exception that leaves it.
void run_detached(Task<void> task, void (*on_fault)(std::exception_ptr));

}  // namespace vdm::proxy
