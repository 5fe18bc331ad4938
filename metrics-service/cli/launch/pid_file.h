#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

namespace vdm::cli {

/// Identifies a process beyond doubt: the kernel reuses numbers, but not with the same start time
/// and program. Thread: any.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;  ///< clock ticks from the machine's start
  std::string program;            ///< its name, as the kernel keeps it: at most 15 bytes

  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

/// Returns nothing when there is no such process, or when it has already ended.
std::optional<ProcessId> identify(pid_t pid);

/// Writes and parses the text of a pid file. Pure.
std::string pid_text(const ProcessId& process);
std::optional<ProcessId> parse_pid_text(const std::string& text);

bool write_pid_file(const std::filesystem::path& file, const ProcessId& process);
/// Returns nothing when there is no such file or the process it names is gone.
std::optional<ProcessId> read_pid_file(const std::filesystem::path& file);

/// A running process, held by a pidfd so that its number cannot go to another process meanwhile.
class HeldProcess {
 public:
  /// Returns nothing when the process is gone.
  static std::optional<HeldProcess> hold(const ProcessId& process);
  HeldProcess(HeldProcess&& other) noexcept;
  HeldProcess& operator=(HeldProcess&&) = delete;
  ~HeldProcess();

  bool signal(int number) const;
  /// Returns false when the process is still running after that time.
  bool ends_within(int milliseconds) const;

 private:
  explicit HeldProcess(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace vdm::cli
