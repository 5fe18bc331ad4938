#include "tests/bench/process.h"

#include <unistd.h>

#include <ctime>
#include <fstream>
#include <string>

#include "tests/bench/socket.h"

namespace vdm::bench {

std::chrono::nanoseconds cpu_used(const std::vector<pid_t>& processes) {
  std::chrono::nanoseconds sum{0};
  for (const pid_t process : processes) {
    clockid_t clock{};
    timespec used{};
    // /proc/<pid>/stat counts in ticks of 10 ms, this clock in nanoseconds.
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0) {
      give_up("cannot read the CPU time of process " + std::to_string(process));
    }
    sum += std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
  }
  return sum;
}

std::uint64_t resident_bytes(const std::vector<pid_t>& processes) {
  std::uint64_t sum = 0;
  for (const pid_t process : processes) {
    std::ifstream file("/proc/" + std::to_string(process) + "/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    if (!(file >> size >> resident)) {
      give_up("cannot read the memory of process " + std::to_string(process));
    }
    sum += resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  return sum;
}

}  // namespace vdm::bench
