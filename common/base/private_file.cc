#include "common/base/private_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vdm {
namespace {

namespace fs = std::filesystem;

Error failed(const fs::path& path, int error) {
  return {ErrorKind::Internal, path.string() + ": " + std::strerror(error)};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t bytes = ::write(fd, text.data(), text.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return ::fsync(fd) == 0;
}

/// Reads at most `bytes_max`. Returns errno, or 0.
int read_all(int fd, std::size_t bytes_max, std::string& text) {
  std::array<char, 4096> part{};
  while (text.size() < bytes_max) {
    const ssize_t bytes = ::read(fd, part.data(), std::min(part.size(), bytes_max - text.size()));
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return errno;
    if (bytes == 0) break;
    text.append(part.data(), static_cast<std::size_t>(bytes));
  }
  return 0;
}

/// As a shell takes it.
std::string shell_word(const std::string& text) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("._/-").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (std::ranges::all_of(text, is_plain)) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace

std::string exposure(const fs::path& file, unsigned mode) {
  const bool is_read = (mode & (S_IRGRP | S_IROTH)) != 0;
  const bool is_written = (mode & (S_IWGRP | S_IWOTH)) != 0;
  if (!is_read && !is_written) return {};
  std::array<char, 8> octal{};
  std::snprintf(octal.data(), octal.size(), "%04o", mode & 07777U);
  const std::string_view what = !is_written ? "read" : is_read ? "read and write" : "write";
  return std::string("mode ")
      .append(octal.data())
      .append(" lets others ")
      .append(what)
      .append(" it; `chmod 600 ")
      .append(shell_word(file.string()))
      .append("` mends that");
}

Result<PrivateFile> PrivateFile::write(const fs::path& target, std::string_view text) {
  const fs::path folder = target.parent_path();
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return failed(folder, error.value());
  std::string name = folder / ("." + target.filename().string() + ".XXXXXX");
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return failed(folder, errno);
  PrivateFile file(target, name);
  const bool written = write_all(fd, text);
  const int fault = errno;
  ::close(fd);
  if (!written) return failed(name, fault);
  return file;
}

PrivateFile::PrivateFile(PrivateFile&& other) noexcept
    : target_(std::move(other.target_)), path_(std::move(other.path_)) {
  other.path_.clear();
}

PrivateFile::~PrivateFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Result<void> PrivateFile::put(Existing existing) {
  // Unlike a rename, a link fails when the file exists.
  const bool put = existing == Existing::Replace ? ::rename(path_.c_str(), target_.c_str()) == 0
                                                 : ::link(path_.c_str(), target_.c_str()) == 0;
  if (!put && errno == EEXIST) {
    return Error{ErrorKind::InvalidRequest, target_.string() + " is there already"};
  }
  if (!put) return failed(target_, errno);
  if (existing == Existing::Keep) ::unlink(path_.c_str());
  path_.clear();
  return {};
}

Result<PrivateText> read_private_file(const fs::path& file, std::size_t bytes_max) {
  // Without O_NONBLOCK, opening a pipe would wait for somebody who writes to it.
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return failed(file, errno);
  struct stat found {};
  std::string text;
  int fault = ::fstat(fd, &found) == 0 ? 0 : errno;
  const bool is_file = fault == 0 && S_ISREG(found.st_mode);
  if (is_file) fault = read_all(fd, bytes_max + 1, text);
  ::close(fd);
  if (fault != 0) return failed(file, fault);
  if (!is_file) return Error{ErrorKind::Internal, file.string() + ": not a file"};
  if (text.size() > bytes_max) {
    return Error{ErrorKind::Internal,
                 file.string() + ": longer than " + std::to_string(bytes_max) + " bytes"};
  }
  return PrivateText{.text = std::move(text), .exposure = exposure(file, found.st_mode)};
}

}  // namespace vdm
