#include "metrics-service/cli/launch/pid_file.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

// glibc 2.36 declares these functions for C only.
extern "C" {
#include <sys/pidfd.h>
}

namespace vdm::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t NameMax = 15;

/// The fields of /proc/PID/stat from the second on, the program's name, which may contain spaces
/// and parentheses. What tells more, as the program's path, the kernel keeps from everybody
/// since the services' memory is not to be read.
std::vector<std::string> stat_fields(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text, '\0');
  const std::size_t name_begin = text.find('(');
  const std::size_t name_end = text.rfind(')');
  if (name_begin == std::string::npos || name_end == std::string::npos) return {};
  std::istringstream words(text.substr(name_end + 1));
  std::vector<std::string> fields{text.substr(name_begin + 1, name_end - name_begin - 1)};
  for (std::string word; words >> word;) fields.push_back(word);
  return fields;
}

std::optional<std::uint64_t> number(const std::string& text) {
  std::istringstream in(text);
  std::uint64_t value = 0;
  return in >> value ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<ProcessId> identify(pid_t pid) {
  constexpr std::size_t Name = 0;
  constexpr std::size_t State = 1;
  constexpr std::size_t StartTime = 20;  // field 22 of the file
  const auto fields = stat_fields(pid);
  if (pid <= 0 || fields.size() <= StartTime) return std::nullopt;
  if (fields[State] == "Z" || fields[State] == "X") return std::nullopt;
  const auto start = number(fields[StartTime]);
  if (!start) return std::nullopt;
  return ProcessId{pid, *start, fields[Name]};
}

std::string pid_text(const ProcessId& process) {
  return std::to_string(process.pid) + " " + std::to_string(process.start_ticks) + " " +
         process.program + "\n";
}

std::optional<ProcessId> parse_pid_text(const std::string& text) {
  std::istringstream in(text);
  ProcessId process;
  in >> process.pid >> process.start_ticks;
  in.get();
  std::getline(in, process.program);
  // A vdm of before wrote the path.
  process.program.erase(0, process.program.rfind('/') + 1);
  process.program.resize(std::min(process.program.size(), NameMax));
  if (!in || process.pid <= 0 || process.program.empty()) return std::nullopt;
  return process;
}

bool write_pid_file(const fs::path& file, const ProcessId& process) {
  const fs::path unfinished = file.string() + ".new";
  std::ofstream out(unfinished, std::ios::trunc);
  out << pid_text(process) << std::flush;
  std::error_code failed;
  if (out) fs::rename(unfinished, file, failed);
  return out && !failed;
}

std::optional<ProcessId> read_pid_file(const fs::path& file) {
  std::ifstream in(file);
  std::string text;
  std::getline(in, text);
  const auto written = parse_pid_text(text);
  return written && identify(written->pid) == written ? written : std::nullopt;
}

std::optional<HeldProcess> HeldProcess::hold(const ProcessId& process) {
  const int fd = ::pidfd_open(process.pid, 0);
  if (fd < 0) return std::nullopt;
  HeldProcess held(fd);
  // Compared only after the pidfd is open: from here on the number cannot go to another process.
  if (identify(process.pid) != process) return std::nullopt;
  return held;
}

HeldProcess::HeldProcess(HeldProcess&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

HeldProcess::~HeldProcess() {
  if (fd_ >= 0) ::close(fd_);
}

bool HeldProcess::signal(int number) const {
  return ::pidfd_send_signal(fd_, number, nullptr, 0) == 0;
}

bool HeldProcess::ends_within(int milliseconds) const {
  pollfd waiting{fd_, POLLIN, 0};
  return ::poll(&waiting, 1, milliseconds) == 1;
}

}  // namespace vdm::cli
