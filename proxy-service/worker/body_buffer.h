#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace vdm::proxy {

/// Bounds the memory that all request bodies of the process hold together. Thread: any.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  bool take(std::size_t bytes) {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= bytes_max_) return true;
    give_back(bytes);
    return false;
  }
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_{0};
};

/// Memory that a request has beside its body, for what is made of it. Thread: its IoThread, or who
/// works for it meanwhile.
class BodyCharge {
 public:
  explicit BodyCharge(BodyBudget& budget) : budget_(budget) {}
  ~BodyCharge() { set(0); }
  BodyCharge(const BodyCharge&) = delete;
  BodyCharge& operator=(const BodyCharge&) = delete;

  /// False when the budget has not got so much more.
  bool set(std::size_t bytes) {
    if (bytes > bytes_ && !budget_.take(bytes - bytes_)) return false;
    if (bytes < bytes_) budget_.give_back(bytes_ - bytes);
    bytes_ = bytes;
    return true;
  }

 private:
  BodyBudget& budget_;
  std::size_t bytes_ = 0;
};

/// A thread's free blocks of the size that most bodies fit in. Thread: its IoThread.
class BodyPool {
 public:
  static constexpr std::size_t BlockBytes = 64 * 1024;
  static constexpr std::size_t FreeBlocksMax = 64;

  explicit BodyPool(BodyBudget& budget) : budget_(budget) {}
  BodyBudget& budget() { return budget_; }

 private:
  friend class BodyBuffer;
  struct Free {
    void operator()(char* block) const { std::free(block); }
  };
  using Block = std::unique_ptr<char, Free>;

  BodyBudget& budget_;
  std::vector<Block> free_;
};

/// One request's body as one block: a pooled one, or for larger bodies address space for the most
/// it may be, whose memory the kernel gives as bytes arrive. The budget counts as much as may
/// arrive next, which doubles, so that a client that sends nothing takes nothing.
/// Thread: its IoThread.
class BodyBuffer {
 public:
  explicit BodyBuffer(BodyPool& pool) : pool_(pool) {}
  ~BodyBuffer() { release(); }
  BodyBuffer(const BodyBuffer&) = delete;
  BodyBuffer& operator=(const BodyBuffer&) = delete;

  std::string_view text() const { return {bytes_.get(), size_}; }
  std::size_t size() const { return size_; }
  /// Free room behind the text.
  char* tail() { return bytes_.get() + size_; }
  std::size_t room() const { return counted_ - size_; }
  void grew(std::size_t bytes) { size_ += bytes; }

  /// Makes room for more, up to `size_max` in all. False: the budget is used up.
  bool grow(std::size_t size_max);
  bool append(std::string_view bytes, std::size_t size_max);
  /// Frees the bytes early: the answer's stream may run for an hour without them.
  void release();

 private:
  bool move_to(std::size_t capacity);

  BodyPool& pool_;
  BodyPool::Block bytes_;
  std::size_t size_ = 0;
  std::size_t counted_ = 0;   ///< in the budget, and usable
  std::size_t capacity_ = 0;  ///< of the block
};

}  // namespace vdm::proxy
