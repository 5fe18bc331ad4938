#include "tests/simulation/shrink.h"

#include <algorithm>

namespace vdm::simulation {

Schedule shrunk(Schedule failing, RingFiles& files) {
  std::size_t done = 0;
  if (run(failing, files, done).empty()) return failing;
  failing.steps.resize(done);
  for (std::size_t size = std::max<std::size_t>(1, failing.steps.size() / 2);;) {
    bool is_shorter = false;
    for (std::size_t at = 0; at < failing.steps.size();) {
      Schedule without = failing;
      const std::size_t end = std::min(at + size, without.steps.size());
      without.steps.erase(without.steps.begin() + static_cast<std::ptrdiff_t>(at),
                          without.steps.begin() + static_cast<std::ptrdiff_t>(end));
      if (run(without, files, done).empty()) {
        at += size;
        continue;
      }
      without.steps.resize(done);
      failing = std::move(without);
      is_shorter = true;
    }
    if (size > 1) {
      size /= 2;
    } else if (!is_shorter) {
      return failing;
    }
  }
}

}  // namespace vdm::simulation
