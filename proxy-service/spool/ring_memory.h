#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/result.h"

namespace vdm::proxy {

/// The memory of an EventRing: a head of HeadBytes and a ring of `bytes()`. The ring is mapped
/// twice in a row, so that what begins before its end reads and writes on as one piece. Of a file
/// it is shared with the file: what is written there outlives the process, however that ends.
/// Errors say what the system said. Thread: one makes and ends it; its bytes are the ring's
/// business.
class RingMemory {
 public:
  /// A page of any machine that we run on; sizes are rounded up to it.
  static constexpr std::size_t HeadBytes = 64 * 1024;
  static std::size_t rounded(std::size_t bytes);

  /// Memory that ends with the process, and takes room only as it is written.
  static Result<RingMemory> anonymous(std::size_t bytes);
  /// The file has HeadBytes + `bytes` bytes; `bytes` is rounded. The descriptor stays the caller's.
  static Result<RingMemory> of_file(int file, std::size_t bytes);

  RingMemory(RingMemory&& other) noexcept;
  RingMemory& operator=(RingMemory&&) = delete;
  ~RingMemory();

  char* head() const { return base_; }
  /// The byte of the ring at `position` modulo its size; as many as the ring has can be read on.
  char* at(std::uint64_t position) const { return base_ + HeadBytes + position % bytes_; }
  std::size_t bytes() const { return bytes_; }

  /// The bytes of these positions are not needed: gives them back when the memory is anonymous.
  void give_back(std::uint64_t from, std::uint64_t to) const;
  /// How far ahead bytes are worth preparing: a disk may take its time.
  std::size_t bytes_ahead() const;
  /// Bytes ahead that will be written soon: the system is asked for them now, not when they are.
  void prepare(std::uint64_t from, std::size_t bytes) const;

 private:
  RingMemory(char* base, std::size_t bytes, int anonymous)
      : base_(base), bytes_(bytes), anonymous_(anonymous) {}
  static Result<RingMemory> map(int file, std::size_t bytes, int anonymous);

  char* base_;
  std::size_t bytes_;
  int anonymous_;  ///< its descriptor; -1: a file's
};

}  // namespace vdm::proxy
