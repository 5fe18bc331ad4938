#include "metrics-service/store/directory_lock.h"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/base/log.h"

namespace vdm::metrics {

Result<DirectoryLock> DirectoryLock::lock(const std::filesystem::path& directory) {
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  const std::string path = (directory / "vdm-metrics.lock").string();
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    log::warning("data directory not locked",
                 {{"path", path}, {"why", std::generic_category().message(errno)}});
    return DirectoryLock(-1);
  }
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return DirectoryLock(file);
  ::close(file);
  return Error{ErrorKind::Internal, "VDM_DATA_DIR: another vdm-metrics keeps its history in '" +
                                        directory.string() +
                                        "'; stop it, or set another directory"};
}

DirectoryLock::~DirectoryLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace vdm::metrics
