#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "common/base/open_files.h"
#include "proxy-service/config/load.h"

namespace vdm::proxy {
namespace {

/// The cores that this process may use: its affinity mask, or less if the control group allows
/// less.
std::size_t cores_here() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  std::size_t cores = 1;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) {
    cores = static_cast<std::size_t>(std::max(1, CPU_COUNT(&mask)));
  }
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0;
  double period = 0;
  if (file >> quota >> period && quota > 0 && period > 0) {
    cores = std::min(cores, static_cast<std::size_t>(std::max(1.0, quota / period + 0.5)));
  }
  return cores;
}

std::size_t memory_here() {
  struct sysinfo info {};
  std::size_t memory = sysinfo(&info) == 0 ? info.totalram * info.mem_unit : 0;
  std::ifstream file("/sys/fs/cgroup/memory.max");
  std::size_t granted = 0;  // "max" is not a number: no limit of its own
  if (file >> granted && granted > 0) memory = std::min(memory, granted);
  return memory;
}

}  // namespace

Machine Machine::here() {
  Machine machine;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0') {
    machine.host_name = name.data();
  }
  machine.cores = cores_here();
  machine.memory_bytes = memory_here();
  machine.files_max = raise_open_files_max();
  machine.directory = ".";
  return machine;
}

}  // namespace vdm::proxy
