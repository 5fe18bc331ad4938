#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "proxy-service/spool/event_ring.h"

namespace vdm::proxy {

/// What a ring holds whose process is gone. Reads records that are whole and not free, and names
/// their places; trusts no byte. Thread: its caller's, while nobody writes.

struct FoundRecord {
  RingPlace place = 0;
  RecordKind kind = RecordKind::None;
  std::size_t bytes = 0;
  std::uint64_t seq = 0;  ///< 0: none yet
};

struct RingScan {
  std::vector<FoundRecord> records;  ///< in the order of their places
  RingPlace begin = 0;               ///< where the oldest was, free or not
  RingPlace end = 0;                 ///< behind the last of them
  /// Bytes between records, or in place of one, that are no record: something other than the end
  /// of its process has damaged the ring.
  bool is_damaged = false;
};

RingScan scan_ring(const RingMemory& memory);

/// The numbers in the memory's head.
const RingNumbers& numbers_of(const RingMemory& memory);

}  // namespace vdm::proxy
