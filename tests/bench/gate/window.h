#pragma once

#include <valgrind/callgrind.h>

#include <cstddef>
#include <cstdio>

namespace vdm::gate {

/// What was counted so far on the calling thread goes to a file that says which window it closes,
/// and counting begins anew. 1 is what is thrown away, start and warm-up; 2 is what gate.py reads.
inline void close_window(unsigned number) {
  char name[16];
  std::snprintf(name, sizeof name, "window-%u", number);
  CALLGRIND_DUMP_STATS_AT(name);
}

/// Does `work(i)` `warm_up` times uncounted, then `count` times in the window. `i` goes on.
template <class Work>
void count_window(std::size_t warm_up, std::size_t count, Work work) {
  std::size_t i = 0;
  for (; i < warm_up; ++i) work(i);
  close_window(1);
  for (; i < warm_up + count; ++i) work(i);
  close_window(2);
}

}  // namespace vdm::gate
