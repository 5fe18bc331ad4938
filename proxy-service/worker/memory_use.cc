#include "proxy-service/worker/memory_use.h"

#include <fstream>
#include <utility>

#include <sys/sysinfo.h>
#include <unistd.h>

namespace vdm::proxy {
namespace {

constexpr const char* Groups = "/sys/fs/cgroup";

double machine_bytes() {
  struct sysinfo info {};
  return ::sysinfo(&info) == 0 ? static_cast<double>(info.totalram) * info.mem_unit : 0;
}

/// The number in a file; 0 when there is none ("max" is none).
double number_in(const std::string& path) {
  std::ifstream file(path);
  double number = 0;
  return file >> number ? number : 0;
}

double member_of(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  std::string each;
  double number = 0;
  while (file >> each >> number) {
    if (each == name) return number;
  }
  return 0;
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double all = 0;
  double resident = 0;
  if (!(file >> all >> resident)) return 0;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/// The nearest group with a limit, from this process's own upwards.
std::string limited_group() {
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with("0::/")) continue;
    std::string path = Groups + line.substr(3);
    for (;;) {
      if (number_in(path + "/memory.max") > 0) return path;
      if (path.size() <= std::string(Groups).size()) break;
      path.erase(path.rfind('/'));
    }
  }
  return number_in(std::string(Groups) + "/memory.max") > 0 ? Groups : "";
}

}  // namespace

MemoryUse::MemoryUse(std::string group)
    : group_(group.empty() ? limited_group() : std::move(group)), limit_bytes_(machine_bytes()) {
  const double granted = group_.empty() ? 0 : number_in(group_ + "/memory.max");
  if (granted > 0 && (limit_bytes_ == 0 || granted < limit_bytes_)) {
    limit_bytes_ = granted;
  } else {
    group_.clear();
  }
}

double MemoryUse::read() const {
  if (limit_bytes_ <= 0) return 0;
  if (group_.empty()) return resident_bytes() / limit_bytes_;
  const double used = number_in(group_ + "/memory.current");
  return (used - member_of(group_ + "/memory.stat", "inactive_file")) / limit_bytes_;
}

}  // namespace vdm::proxy
