#include "common/audit/audit_log.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"

namespace vdm {
namespace {

using namespace std::chrono_literals;

/// Lines come together for so long before they are written; counts are looked at as often.
constexpr auto WriteEvery = 250ms;

bool write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t bytes = ::write(fd, text.data(), text.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return true;
}

}  // namespace

AuditLog::AuditLog(AuditLogOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {
  // Signals are for the threads that wait for them; the new one inherits this mask.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::jthread([this](const std::stop_token& stopped) { run(stopped); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

AuditLog::~AuditLog() = default;

void AuditLog::add(AuditEntry entry, AuditLines::Kind kind) {
  const std::lock_guard lock(mutex_);
  lines_.add(std::move(entry), kind, clock_.wall(), clock_.monotonic());
}

void AuditLog::run(const std::stop_token& stopped) {
  for (bool ends = false; !ends;) {
    std::vector<std::string> lines;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stopped, WriteEvery, [] { return false; });
      ends = stopped.stop_requested();
      const auto which = ends ? AuditLines::Counts::All : AuditLines::Counts::Due;
      lines = lines_.take(clock_.wall(), clock_.monotonic(), which);
    }
    if (!lines.empty()) write(lines);
  }
}

/// Opened anew each time: another proxy of the same folder may have turned the file.
void AuditLog::write(const std::vector<std::string>& lines) {
  std::error_code ignored;
  std::filesystem::create_directories(options_.file.parent_path(), ignored);
  const int fd =
      ::open(options_.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  std::string text;
  for (const std::string& line : lines) text += line;
  const bool written = fd >= 0 && write_whole(fd, text);
  std::string fault = written ? "" : std::strerror(errno);
  struct stat found {};
  const bool is_full = fd >= 0 && ::fstat(fd, &found) == 0 &&
                       static_cast<std::size_t>(found.st_size) >= options_.bytes_max;
  if (fd >= 0) ::close(fd);
  if (is_full) turn();
  if (fault != last_fault_ && !fault.empty()) {
    log::error("the audit log is not written", {{"file", options_.file.string()}, {"why", fault}});
  }
  last_fault_ = std::move(fault);
}

/// Two processes of one folder may find it full at the same time: the second looks again.
void AuditLog::turn() {
  const std::string lock_name = options_.file.string() + ".lock";
  const int lock = ::open(lock_name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return;
  struct stat found {};
  if (::flock(lock, LOCK_EX) == 0 && ::stat(options_.file.c_str(), &found) == 0 &&
      static_cast<std::size_t>(found.st_size) >= options_.bytes_max) {
    std::error_code failed;
    std::filesystem::rename(options_.file, options_.file.string() + ".1", failed);
  }
  ::close(lock);
}

}  // namespace vdm
