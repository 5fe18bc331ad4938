#include "tests/fakes/failing_new.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace vdm::fakes {
namespace {

constexpr int Never = -1;

thread_local bool counted = false;
std::atomic<int> left{Never};

void* allocate(std::size_t bytes) {
  if (counted && left.load() != Never && left.fetch_sub(1) == 0) throw std::bad_alloc();
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void count_this_thread() { counted = true; }
void fail_allocation(int number) { left = number; }
bool stop_failing() { return left.exchange(Never) == Never; }

}  // namespace vdm::fakes

// The others, but for those with an alignment, lead here.
void* operator new(std::size_t bytes) { return vdm::fakes::allocate(bytes); }
// As the standard library has it, but a sanitizer brings a form of its own, which would not go with
// the operators here.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return vdm::fakes::allocate(bytes);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
