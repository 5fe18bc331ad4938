#include "proxy-service/worker/body_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace vdm::proxy {

bool BodyBuffer::grow(std::size_t size_max) {
  std::size_t wanted = counted_ == 0 ? BodyPool::BlockBytes : counted_ * 2;
  wanted = std::max(BodyPool::BlockBytes, std::min(wanted, size_max));
  if (wanted <= counted_) return true;
  pool_.free_.reserve(BodyPool::FreeBlocksMax);  // giving back must not fail
  if (!pool_.budget_.take(wanted - counted_)) return false;
  if (counted_ == 0 && !pool_.free_.empty()) {
    bytes_ = std::move(pool_.free_.back());
    pool_.free_.pop_back();
    capacity_ = BodyPool::BlockBytes;
  } else if (wanted > capacity_ && !move_to(counted_ == 0 ? wanted : size_max)) {
    pool_.budget_.give_back(wanted - counted_);
    throw std::bad_alloc();
  }
  counted_ = wanted;
  return true;
}

bool BodyBuffer::move_to(std::size_t capacity) {
  auto* const larger = static_cast<char*>(std::realloc(bytes_.get(), capacity));
  if (larger == nullptr) return false;
  (void)bytes_.release();
  bytes_.reset(larger);
  capacity_ = capacity;
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
  if (counted_ == 0) return;
  pool_.budget_.give_back(counted_);
  if (capacity_ == BodyPool::BlockBytes && pool_.free_.size() < BodyPool::FreeBlocksMax) {
    pool_.free_.push_back(std::move(bytes_));
  }
  bytes_.reset();
  size_ = counted_ = capacity_ = 0;
}

}  // namespace vdm::proxy
