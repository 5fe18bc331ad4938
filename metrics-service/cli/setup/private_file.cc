#include "metrics-service/cli/setup/private_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace vdm::cli {
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

}  // namespace

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

}  // namespace vdm::cli
