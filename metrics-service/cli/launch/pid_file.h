#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

namespace vdm::cli {

/// A process that cannot be mistaken for another: numbers are used again, but not with the
/// same start time and program. Thread: any.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;  ///< since the machine started
  std::string program;            ///< what runs in it

  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

/// Nothing: no such process, or one that has ended already.
std::optional<ProcessId> identify(pid_t pid);

/// Pure: the text of a pid file, and what such a text says.
std::string pid_text(const ProcessId& process);
std::optional<ProcessId> parse_pid_text(const std::string& text);

bool write_pid_file(const std::filesystem::path& file, const ProcessId& process);
/// Nothing: no such file, or the process it names is gone.
std::optional<ProcessId> read_pid_file(const std::filesystem::path& file);

/// A running process, held so that its number cannot become another's meanwhile.
class HeldProcess {
 public:
  /// Nothing: it is gone.
  static std::optional<HeldProcess> hold(const ProcessId& process);
  HeldProcess(HeldProcess&& other) noexcept;
  HeldProcess& operator=(HeldProcess&&) = delete;
  ~HeldProcess();

  bool signal(int number) const;
  /// False: it still runs.
  bool ends_within(int milliseconds) const;

 private:
  explicit HeldProcess(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace vdm::cli
