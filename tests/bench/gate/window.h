#pragma once

#include <valgrind/callgrind.h>

#include <cstddef>
#include <cstdio>

namespace vdm::gate {

/// Dumps the calling thread's counts to a file that has the window's number, and starts counting
/// anew. Window 1 holds start and warm-up and is thrown away; gate.py reads window 2.
inline void close_window(unsigned number) {
  char name[16];
  std::snprintf(name, sizeof name, "window-%u", number);
  CALLGRIND_DUMP_STATS_AT(name);
}

/// Calls `work(i)` `warm_up` times uncounted, then `count` times in the window; `i` continues from
/// one to the other.
template <class Work>
void count_window(std::size_t warm_up, std::size_t count, Work work) {
  std::size_t i = 0;
  for (; i < warm_up; ++i) work(i);
  close_window(1);
  for (; i < warm_up + count; ++i) work(i);
  close_window(2);
}

}  // namespace vdm::gate
