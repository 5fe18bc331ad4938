#include "proxy-service/net/task.h"

#include <array>
#include <new>

namespace vdm::proxy {
namespace {

constexpr std::size_t Step = 128;
constexpr std::size_t Largest = 4096;
/// Frames kept of each size: enough for usual requests, and a bound after unusual ones.
constexpr std::size_t KeptMax = 512;

/// A thread's free frames, by size.
class FreeFrames {
 public:
  FreeFrames() = default;
  FreeFrames(const FreeFrames&) = delete;
  FreeFrames& operator=(const FreeFrames&) = delete;
  ~FreeFrames() {
    for (Kept& kept : kept_) {
      while (kept.first != nullptr) ::operator delete(take(kept));
    }
  }

  void* allocate(std::size_t bytes) {
    Kept& kept = kept_[index_of(bytes)];
    return kept.first != nullptr ? take(kept) : ::operator new(rounded(bytes));
  }
  void release(void* frame, std::size_t bytes) noexcept {
    Kept& kept = kept_[index_of(bytes)];
    if (kept.count == KeptMax) return ::operator delete(frame);
    kept.first = new (frame) Free{kept.first};
    ++kept.count;
  }

 private:
  struct Free {
    Free* next;
  };
  struct Kept {
    Free* first = nullptr;
    std::size_t count = 0;
  };

  static std::size_t index_of(std::size_t bytes) { return (bytes - 1) / Step; }
  static std::size_t rounded(std::size_t bytes) { return (index_of(bytes) + 1) * Step; }
  static void* take(Kept& kept) {
    --kept.count;
    return std::exchange(kept.first, kept.first->next);
  }

  std::array<Kept, Largest / Step> kept_{};
};

thread_local FreeFrames free_frames;

struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() noexcept { std::terminate(); }  // detach() catches all
  };
};

Detached detach(Task<void> task, void (*on_fault)(std::exception_ptr)) {
  try {
    co_await std::move(task);
  } catch (...) {
    on_fault(std::current_exception());
  }
}

}  // namespace

void* FrameMemory::allocate(std::size_t bytes) {
  return bytes <= Largest ? free_frames.allocate(bytes) : ::operator new(bytes);
}

void FrameMemory::release(void* frame, std::size_t bytes) noexcept {
  if (bytes <= Largest) return free_frames.release(frame, bytes);
  ::operator delete(frame);
}

void run_detached(Task<void> task, void (*on_fault)(std::exception_ptr)) {
  detach(std::move(task), on_fault);
}

}  // namespace vdm::proxy
