#include "metrics-service/cli/launch/child.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"

namespace vdm::cli {
namespace {

constexpr std::chrono::seconds RunMax(10);
constexpr std::size_t OutputMax = 1024 * 1024;

Error failed(const std::string& what, int error) {
  return {ErrorKind::Internal, what + ": " + std::strerror(error)};
}

/// A file descriptor that its owner closes when destroyed.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed("pipe", errno);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

std::vector<char*> arguments_of(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  return arguments;
}

/// Runs in the child between fork and exec, so it makes only async-signal-safe calls. Without an
/// environment the program gets that of this process. Returns errno.
int become(char* const* arguments, char* const* environment, const char* folder,
           std::array<int, 3> standard) {
  for (int fd = 0; fd < 3; ++fd) {
    if (::dup2(standard[static_cast<std::size_t>(fd)], fd) < 0) return errno;
  }
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (::chdir(folder) != 0) return errno;
  if (environment != nullptr) {
    ::execve(arguments[0], arguments, environment);
  } else {
    ::execv(arguments[0], arguments);
  }
  return errno;
}

/// Reads both pipes until both are closed. Returns false when the program takes too long or writes
/// too much.
bool read_both(Pipe& out, Pipe& err, ProgramOutput& output) {
  const SystemClock clock;
  const auto end = clock.monotonic() + RunMax;
  std::array<std::pair<Descriptor*, std::string*>, 2> open{
      {{&out.read, &output.out}, {&err.read, &output.err}}};
  while (out.read.get() >= 0 || err.read.get() >= 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - clock.monotonic());
    std::array<pollfd, 2> waiting{{{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}}};
    if (left.count() <= 0) return false;
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    for (std::size_t at = 0; at < open.size(); ++at) {
      if (waiting[at].revents == 0) continue;
      std::array<char, 4096> part{};
      const ssize_t bytes = ::read(open[at].first->get(), part.data(), part.size());
      if (bytes <= 0) open[at].first->close();
      if (bytes > 0) open[at].second->append(part.data(), static_cast<std::size_t>(bytes));
      if (open[at].second->size() > OutputMax) return false;
    }
  }
  return true;
}

}  // namespace

Result<ProgramOutput> run_program(const std::vector<std::string>& command,
                                  const std::filesystem::path& folder) {
  const auto arguments = arguments_of(command);
  const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  auto out = make_pipe();
  auto err = make_pipe();
  if (!out || !err) return out ? err.error() : out.error();
  const pid_t child = ::fork();
  if (child < 0) return failed("fork", errno);
  if (child == 0) {
    become(arguments.data(), nullptr, folder.c_str(),
           {nothing.get(), out->write.get(), err->write.get()});
    ::_exit(127);
  }
  out->write.close();
  err->write.close();
  ProgramOutput output;
  const bool in_time = read_both(*out, *err, output);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time) return Error{ErrorKind::Internal, command.front() + " does not end"};
  output.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return output;
}

Result<pid_t> start_detached(const std::vector<std::string>& command, const Variables& environment,
                             const std::filesystem::path& folder,
                             const std::filesystem::path& log) {
  const auto arguments = arguments_of(command);
  std::vector<std::string> pairs;
  for (const auto& [name, value] : environment) pairs.push_back(name + "=" + value);
  const auto variables = arguments_of(pairs);
  const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Descriptor end(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (end.get() < 0) return failed(log.string(), errno);
  auto news = make_pipe();
  if (!news) return news.error();
  const pid_t between = ::fork();
  if (between < 0) return failed("fork", errno);
  if (between == 0) {
    // This intermediate process exits at once, so that init adopts the program.
    ::setsid();
    if (::fork() != 0) ::_exit(0);
    std::array<int, 2> report{::getpid(), 0};
    if (::write(news->write.get(), report.data(), sizeof(int)) < 0) ::_exit(127);
    report[1] = become(arguments.data(), variables.data(), folder.c_str(),
                       {nothing.get(), end.get(), end.get()});
    if (::write(news->write.get(), &report[1], sizeof(int)) < 0) ::_exit(127);
    ::_exit(127);
  }
  news->write.close();
  while (::waitpid(between, nullptr, 0) < 0 && errno == EINTR) {
  }
  // The pipe carries the pid, and then errno if exec fails; a successful exec closes the pipe.
  std::array<int, 2> report{};
  std::size_t bytes = 0;
  while (bytes < sizeof(report)) {
    const ssize_t more = ::read(news->read.get(), reinterpret_cast<char*>(report.data()) + bytes,
                                sizeof(report) - bytes);
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) break;
    bytes += static_cast<std::size_t>(more);
  }
  if (bytes != sizeof(int)) return failed(command.front(), bytes == 0 ? EAGAIN : report[1]);
  return report[0];
}

}  // namespace vdm::cli
