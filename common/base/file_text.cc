#include "common/base/file_text.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace vdm {
namespace {

Error unreadable(const std::filesystem::path& file, const char* why) {
  return {ErrorKind::Internal, file.string() + ": " + why};
}

/// Whether a pipe has something to say, or is at its end.
bool speaks(int fd, std::chrono::milliseconds patience) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, static_cast<int>(patience.count())) > 0;
}

/// Zero, or the error number.
int read_to_end(int fd, std::size_t bytes_most, std::chrono::milliseconds patience,
                std::string& text) {
  std::array<char, 16 * 1024> part{};
  while (text.size() < bytes_most) {
    const ssize_t bytes = ::read(fd, part.data(), std::min(part.size(), bytes_most - text.size()));
    if (bytes > 0) {
      text.append(part.data(), static_cast<std::size_t>(bytes));
    } else if (bytes == 0) {
      break;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!speaks(fd, patience)) return ETIMEDOUT;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

Result<std::string> read_file_text(const std::filesystem::path& file, std::size_t bytes_max,
                                   std::chrono::milliseconds patience) {
  // Without O_NONBLOCK, opening a pipe would wait for somebody who writes to it.
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return unreadable(file, std::strerror(errno));
  struct stat found {};
  std::string text;
  int fault = ::fstat(fd, &found) == 0 ? 0 : errno;
  // /dev/null is a device, and stands for a file that holds nothing.
  const bool is_pipe = fault == 0 && (S_ISFIFO(found.st_mode) || S_ISCHR(found.st_mode));
  const bool is_file = fault == 0 && S_ISREG(found.st_mode);
  if (is_file || (is_pipe && speaks(fd, patience))) {
    fault = read_to_end(fd, bytes_max + 1, patience, text);
  } else if (is_pipe) {
    fault = ETIMEDOUT;
  }
  ::close(fd);
  if (fault != 0) return unreadable(file, std::strerror(fault));
  if (!is_file && !is_pipe) return unreadable(file, "not a file");
  return text;
}

}  // namespace vdm
