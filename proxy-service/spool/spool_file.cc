#include "proxy-service/spool/spool_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/env.h"
#include "common/base/log.h"
#include "proto/contract/event_codec.h"
#include "proxy-service/spool/crc32c.h"

namespace vdm::proxy {
namespace {

namespace fs = std::filesystem;

constexpr std::array<char, 8> Magic{'V', 'D', 'M', 'S', 'P', 'O', 'O', 'L'};
/// Of the names, the numbers and the records: another one cannot be read.
constexpr std::uint32_t Version = 1;
constexpr std::string_view Suffix = ".spool";
/// A longer ring is no file of ours if the file has been cut.
constexpr std::uint64_t CutRingMost = std::uint64_t{4} << 30;

/// The beginning of the file. Texts end with a zero.
struct NamesImage {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t check;  // of all that follows
  std::uint64_t ring_bytes;
  std::int64_t boot_unix_us;
  std::array<char, 160> instance_id;
  std::array<char, 288> secret;
  std::array<char, 160> proxy_name;
  std::array<char, 160> program_version;
};
static_assert(sizeof(NamesImage) < RingNumbersAt);

Error spool_fault(const fs::path& path, int error) {
  return {ErrorKind::Internal, path.string() + ": " + std::generic_category().message(error)};
}

Error not_a_spool(const fs::path& path, std::string_view why) {
  return {ErrorKind::InvalidRequest, path.string() + ": " + std::string(why)};
}

template <std::size_t Size>
void put_name(std::array<char, Size>& to, std::string_view text) {
  text = text.substr(0, Size - 1);
  to.fill('\0');
  std::ranges::copy(text, to.begin());
}

template <std::size_t Size>
std::string name_in(const std::array<char, Size>& from) {
  return {from.data(), ::strnlen(from.data(), Size)};
}

std::uint32_t check_of(const NamesImage& image) {
  constexpr std::size_t From = offsetof(NamesImage, ring_bytes);
  return crc32c({reinterpret_cast<const char*>(&image) + From, sizeof image - From});
}

/// A descriptor, until it is kept.
class OpenFile {
 public:
  OpenFile(const fs::path& path, int flags) : file_(::open(path.c_str(), flags, 0600)) {}
  ~OpenFile() {
    if (file_ >= 0) ::close(file_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int get() const { return file_; }
  int keep() { return std::exchange(file_, -1); }
  bool lock() const { return ::flock(file_, LOCK_EX | LOCK_NB) == 0; }

 private:
  int file_;
};

Result<NamesImage> read_names(const fs::path& path, int file, std::uint64_t bytes) {
  NamesImage names{};
  const bool is_read = ::pread(file, &names, sizeof names, 0) == ssize_t{sizeof names};
  if (!is_read || names.magic != Magic) return not_a_spool(path, "is no spool");
  if (names.version != Version) {
    return not_a_spool(path, "is a spool of version " + std::to_string(names.version) +
                                 ", and this program reads " + std::to_string(Version));
  }
  if (names.check != check_of(names)) {
    return not_a_spool(path, "is damaged where it says whose it is");
  }
  const bool is_size = names.ring_bytes > 0 && names.ring_bytes % RingMemory::HeadBytes == 0;
  if (!is_size || bytes < RingMemory::HeadBytes) return not_a_spool(path, "has no ring");
  const bool is_cut = bytes < RingMemory::HeadBytes + names.ring_bytes;
  if (is_cut && names.ring_bytes > CutRingMost) return not_a_spool(path, "is cut, and too large");
  const std::string instance = name_in(names.instance_id);
  if (instance.empty() || instance.size() > Caps::RequestId || !is_visible(instance)) {
    return not_a_spool(path, "names no process");
  }
  return names;
}

}  // namespace

SpoolFile::SpoolFile(SpoolFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      bytes_(other.bytes_),
      owner_(std::move(other.owner_)),
      is_cut_(other.is_cut_) {}

SpoolFile::~SpoolFile() {
  if (file_ >= 0) ::close(file_);
}

Result<SpoolFile> SpoolFile::create(const fs::path& folder, std::size_t bytes,
                                    const SpoolOwner& owner) {
  std::error_code fault;
  if (fs::create_directories(folder, fault)) {
    fs::permissions(folder, fs::perms::owner_all, fault);
  }
  if (fault) return spool_fault(folder, fault.value());
  const std::size_t files = list(folder).size();
  if (files >= FilesMax) {
    return Error{ErrorKind::Overloaded, folder.string() + ": has " + std::to_string(files) +
                                            " spools already, and at most " +
                                            std::to_string(FilesMax) + " are kept"};
  }
  // It has its name when it is whole and locked: until then nobody takes it for one that was left.
  const fs::path target = folder / (owner.instance_id + std::string(Suffix));
  const fs::path unfinished = folder / (owner.instance_id + ".new");
  OpenFile file(unfinished, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW);
  if (file.get() < 0) return spool_fault(unfinished, errno);
  if (!file.lock()) {
    const Error error = spool_fault(unfinished, errno);
    ::unlink(unfinished.c_str());
    return error;
  }
  SpoolFile made(unfinished, file.keep(), RingMemory::rounded(bytes), owner);
  auto done = made.take_room();
  if (done) done = made.write_names();
  if (done && ::rename(unfinished.c_str(), target.c_str()) != 0) done = spool_fault(target, errno);
  if (!done) {
    ::unlink(unfinished.c_str());
    return done.error();
  }
  made.path_ = target;
  return made;
}

/// All of it, now: a write into memory cannot say later that the disk is full.
Result<void> SpoolFile::take_room() const {
  const auto bytes = static_cast<off_t>(RingMemory::HeadBytes + bytes_);
  const int error = ::posix_fallocate(file_, 0, bytes);
  if (error == 0) return {};
  return Error{ErrorKind::Internal,
               path_.parent_path().string() + ": no " + std::to_string(bytes) +
                   " bytes can be taken for a spool: " + std::generic_category().message(error)};
}

Result<void> SpoolFile::write_names() const {
  NamesImage names{};
  names.magic = Magic;
  names.version = Version;
  names.ring_bytes = bytes_;
  names.boot_unix_us =
      std::chrono::duration_cast<Micros>(owner_.boot_wall.time_since_epoch()).count();
  put_name(names.instance_id, owner_.instance_id);
  put_name(names.secret, owner_.secret.reveal());
  put_name(names.proxy_name, owner_.proxy_name);
  put_name(names.program_version, owner_.version);
  names.check = check_of(names);
  if (::pwrite(file_, &names, sizeof names, 0) == ssize_t{sizeof names}) return {};
  return spool_fault(path_, errno);
}

Result<SpoolFile> SpoolFile::adopt(const fs::path& path) {
  OpenFile file(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file.get() < 0) {
    return Error{errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Forbidden,
                 spool_fault(path, errno).message};
  }
  struct stat opened {};
  struct stat named {};
  if (::fstat(file.get(), &opened) != 0) return spool_fault(path, errno);
  if (!S_ISREG(opened.st_mode)) return not_a_spool(path, "is no ordinary file");
  if (!file.lock()) return Error{ErrorKind::Overloaded, path.string() + ": is in use"};
  // Whoever had the lock may have sent it, and removed it.
  const bool is_there = ::stat(path.c_str(), &named) == 0 && named.st_ino == opened.st_ino &&
                        named.st_dev == opened.st_dev;
  if (!is_there) return Error{ErrorKind::NotFound, path.string() + ": is gone"};

  const auto bytes = static_cast<std::uint64_t>(opened.st_size);
  const auto names = read_names(path, file.get(), bytes);
  if (!names) return names.error();
  SpoolOwner owner{.instance_id = name_in(names->instance_id),
                   .secret = Secret(name_in(names->secret)),
                   .proxy_name = name_in(names->proxy_name),
                   .version = name_in(names->program_version),
                   .boot_wall = SystemTime(Micros(names->boot_unix_us))};
  SpoolFile adopted(path, file.keep(), names->ring_bytes, std::move(owner));
  const std::uint64_t whole = RingMemory::HeadBytes + names->ring_bytes;
  adopted.is_cut_ = bytes < whole;
  // Reading beyond a file's end would end this process; what is put there reads as nothing.
  if (adopted.is_cut_ && ::ftruncate(adopted.file_, static_cast<off_t>(whole)) != 0) {
    return spool_fault(path, errno);
  }
  return adopted;
}

std::vector<fs::path> SpoolFile::list(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  std::error_code fault;
  for (fs::directory_iterator at(folder, fault), end; !fault && at != end; at.increment(fault)) {
    if (at->path().extension() != Suffix) continue;
    std::error_code unreadable;
    found.emplace_back(at->last_write_time(unreadable), at->path());
  }
  std::ranges::sort(found);
  std::vector<fs::path> paths;
  for (auto& [time, path] : found) paths.push_back(std::move(path));
  return paths;
}

fs::path SpoolFile::set_aside(const fs::path& path) {
  fs::path aside = path;
  aside += ".unsent";
  std::error_code fault;
  fs::rename(path, aside, fault);
  return fault ? path : aside;
}

Result<RingMemory> SpoolFile::map() const { return RingMemory::of_file(file_, bytes_); }

void SpoolFile::trim(const RingScan& scan) const {
  // Gaps may still be appended behind what is there.
  const RingPlace from = (scan.end / RingMemory::HeadBytes + 2) * RingMemory::HeadBytes;
  const RingPlace to = scan.begin / RingMemory::HeadBytes * RingMemory::HeadBytes + bytes_;
  if (scan.is_damaged || from >= to) return;
  const std::size_t begin = from % bytes_;
  const std::size_t size = to - from;
  const std::size_t before_end = std::min(size, bytes_ - begin);
  constexpr int Mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  ::fallocate(file_, Mode, static_cast<off_t>(RingMemory::HeadBytes + begin),
              static_cast<off_t>(before_end));
  if (size > before_end) {
    ::fallocate(file_, Mode, RingMemory::HeadBytes, static_cast<off_t>(size - before_end));
  }
}

void SpoolFile::remove() {
  if (::unlink(path_.c_str()) != 0) {
    log::warning("a spool that is sent cannot be removed", {{"file", path_.string()}});
  }
}

}  // namespace vdm::proxy
