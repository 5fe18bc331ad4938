#include "proxy-service/worker/body_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace vdm::proxy {

bool BodyBuffer::grow(std::size_t size_max) {
  std::size_t wanted = capacity_ == 0 ? BodyPool::BlockBytes : capacity_ * 2;
  wanted = std::max(BodyPool::BlockBytes, std::min(wanted, size_max));
  if (wanted <= capacity_) return true;
  pool_.free_.reserve(BodyPool::FreeBlocksMax);  // giving back must not fail
  if (!pool_.budget_.take(wanted - capacity_)) return false;
  if (capacity_ == 0 && !pool_.free_.empty()) {
    bytes_ = std::move(pool_.free_.back());
    pool_.free_.pop_back();
  } else {
    // Large blocks are mapped by the allocator: growing them moves pages, not bytes.
    auto* const larger = static_cast<char*>(std::realloc(bytes_.get(), wanted));
    if (larger == nullptr) {
      pool_.budget_.give_back(wanted - capacity_);
      throw std::bad_alloc();
    }
    (void)bytes_.release();
    bytes_.reset(larger);
  }
  capacity_ = wanted;
  return true;
}

bool BodyBuffer::append(std::string_view bytes, std::size_t size_max) {
  while (room() < bytes.size()) {
    if (!grow(std::max(size_max, size_ + bytes.size()))) return false;
  }
  if (!bytes.empty()) std::memcpy(tail(), bytes.data(), bytes.size());
  size_ += bytes.size();
  return true;
}

void BodyBuffer::release() {
  if (capacity_ == 0) return;
  pool_.budget_.give_back(capacity_);
  if (capacity_ == BodyPool::BlockBytes && pool_.free_.size() < BodyPool::FreeBlocksMax) {
    pool_.free_.push_back(std::move(bytes_));
  }
  bytes_.reset();
  size_ = capacity_ = 0;
}

}  // namespace vdm::proxy
