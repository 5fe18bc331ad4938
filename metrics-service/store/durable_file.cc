#include "metrics-service/store/durable_file.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace vdm::metrics {
namespace {

class OpenFile {
 public:
  OpenFile(const std::filesystem::path& path, int flags)
      : handle_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~OpenFile() {
    if (handle_ >= 0) ::close(handle_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int handle() const { return handle_; }

 private:
  int handle_;
};

Error last_fault(const std::filesystem::path& path) {
  return Error{ErrorKind::Internal, path.string() + ": " + std::generic_category().message(errno)};
}

}  // namespace

Result<void> write_durably(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path fresh = path.string() + ".new";
  {
    const OpenFile file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.handle() < 0) return last_fault(fresh);
    while (!bytes.empty()) {
      const ssize_t written = ::write(file.handle(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return last_fault(fresh);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.handle()) != 0) return last_fault(fresh);
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return last_fault(path);
  const OpenFile folder(path.parent_path(), O_RDONLY | O_DIRECTORY);
  if (folder.handle() < 0 || ::fsync(folder.handle()) != 0) return last_fault(path.parent_path());
  return {};
}

std::string read_whole(const std::filesystem::path& path, std::size_t bytes_max) {
  const OpenFile file(path, O_RDONLY | O_NONBLOCK);
  if (file.handle() < 0) return "";
  std::string text;
  for (;;) {
    constexpr std::size_t Piece = 1 << 20;
    const std::size_t before = text.size();
    if (before > bytes_max) return "";
    text.resize(before + Piece);
    const ssize_t got = ::read(file.handle(), text.data() + before, Piece);
    text.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return "";
    if (got == 0) return text;
  }
}

}  // namespace vdm::metrics
