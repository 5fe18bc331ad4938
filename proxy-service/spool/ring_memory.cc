#include "proxy-service/spool/ring_memory.h"

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace vdm::proxy {
namespace {

#ifndef MADV_POPULATE_WRITE
constexpr int MADV_POPULATE_WRITE = 23;  // Linux 5.14; older ones refuse it, which does no harm
#endif

Error mapping_fault() {
  return {ErrorKind::Internal, "memory for events: " + std::generic_category().message(errno)};
}

}  // namespace

std::size_t RingMemory::rounded(std::size_t bytes) {
  const std::size_t pages = (bytes + HeadBytes - 1) / HeadBytes;
  return (pages == 0 ? 1 : pages) * HeadBytes;
}

Result<RingMemory> RingMemory::anonymous(std::size_t bytes) {
  bytes = rounded(bytes);
  const int file = ::memfd_create("vdm-events", MFD_CLOEXEC);
  if (file < 0) return mapping_fault();
  if (::ftruncate(file, static_cast<off_t>(HeadBytes + bytes)) != 0) {
    const Error fault = mapping_fault();
    ::close(file);
    return fault;
  }
  return map(file, bytes, file);
}

Result<RingMemory> RingMemory::of_file(int file, std::size_t bytes) { return map(file, bytes, -1); }

Result<RingMemory> RingMemory::map(int file, std::size_t bytes, int anonymous) {
  // The addresses are reserved first, so that nothing else comes to lie between the parts.
  void* const reserved = ::mmap(nullptr, HeadBytes + 2 * bytes, PROT_NONE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) return mapping_fault();
  RingMemory memory(static_cast<char*>(reserved), bytes, anonymous);
  const auto put = [&](char* where, std::size_t size, std::size_t offset) {
    return ::mmap(where, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file,
                  static_cast<off_t>(offset)) != MAP_FAILED;
  };
  if (!put(memory.base_, HeadBytes + bytes, 0) ||
      !put(memory.base_ + HeadBytes + bytes, bytes, HeadBytes)) {
    return mapping_fault();
  }
  return memory;
}

RingMemory::RingMemory(RingMemory&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)),
      bytes_(other.bytes_),
      anonymous_(std::exchange(other.anonymous_, -1)) {}

RingMemory::~RingMemory() {
  if (base_ != nullptr) ::munmap(base_, HeadBytes + 2 * bytes_);
  if (anonymous_ >= 0) ::close(anonymous_);
}

void RingMemory::give_back(std::uint64_t from, std::uint64_t to) const {
  if (anonymous_ < 0 || from >= to) return;
  const std::size_t begin = from % bytes_;
  const std::size_t size = to - from;
  const std::size_t before_end = std::min(size, bytes_ - begin);
  constexpr int Mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  ::fallocate(anonymous_, Mode, static_cast<off_t>(HeadBytes + begin),
              static_cast<off_t>(before_end));
  if (size > before_end) {
    ::fallocate(anonymous_, Mode, HeadBytes, static_cast<off_t>(size - before_end));
  }
}

std::size_t RingMemory::bytes_ahead() const {
  constexpr std::size_t OfMemory = 256 * 1024;
  constexpr std::size_t OfFile = 4 * 1024 * 1024;
  return std::min(bytes_ / 16, anonymous_ >= 0 ? OfMemory : OfFile);
}

void RingMemory::prepare(std::uint64_t from, std::size_t bytes) const {
  const std::size_t begin = from % bytes_;
  const std::size_t within = begin % HeadBytes;
  ::madvise(base_ + HeadBytes + begin - within, bytes + within, MADV_POPULATE_WRITE);
}

}  // namespace vdm::proxy
