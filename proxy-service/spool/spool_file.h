#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/secret.h"
#include "proxy-service/spool/ring_memory.h"
#include "proxy-service/spool/ring_scan.h"

namespace vdm::proxy {

/// The process whose events a spool holds: who it is to the metrics service.
struct SpoolOwner {
  std::string instance_id;
  Secret secret;
  std::string proxy_name;
  std::string version;
  SystemTime boot_wall{};
};

/// A file in VDM_SPOOL_DIR that holds the RingMemory of one process: its events outlive it, even
/// when it is killed; a power cut is not promised. Mode 0600, since it has the process's secret.
/// Locked while its process lives, and while another sends what it left. Bounded: its size is
/// fixed, and all of it is taken from the disk when it is made. Blocks. Thread: one at a time.
class SpoolFile {
 public:
  static constexpr std::size_t FilesMax = 64;  ///< in a folder; beyond it none is made

  /// Makes the folder, too. An error says what is wrong: no room, no right, too many files.
  static Result<SpoolFile> create(const std::filesystem::path& folder, std::size_t bytes,
                                  const SpoolOwner& owner);
  /// Takes over the file of a process that is gone. Errors: Overloaded: its process lives, or
  /// another sends it; NotFound: it is gone; InvalidRequest: nothing of it can be sent.
  static Result<SpoolFile> adopt(const std::filesystem::path& path);
  /// The spools in the folder, whoever's they are, oldest first.
  static std::vector<std::filesystem::path> list(const std::filesystem::path& folder);
  /// Renames a file that cannot be sent, so that nobody tries again. It is never deleted.
  static std::filesystem::path set_aside(const std::filesystem::path& path);

  SpoolFile(SpoolFile&& other) noexcept;
  SpoolFile& operator=(SpoolFile&&) = delete;
  ~SpoolFile();

  const std::filesystem::path& path() const { return path_; }
  const SpoolOwner& owner() const { return owner_; }
  /// Of an adopted file: it is shorter than it was made.
  bool is_cut() const { return is_cut_; }
  /// The file's memory; once. It must end before the file does.
  Result<RingMemory> map() const;
  /// Gives the disk back what the ring does not use.
  void trim(const RingScan& scan) const;
  /// All of it is sent.
  void remove();

 private:
  SpoolFile(std::filesystem::path path, int file, std::size_t bytes, SpoolOwner owner)
      : path_(std::move(path)), file_(file), bytes_(bytes), owner_(std::move(owner)) {}
  Result<void> take_room() const;
  Result<void> write_names() const;

  std::filesystem::path path_;
  int file_ = -1;
  std::size_t bytes_ = 0;  ///< of the ring
  SpoolOwner owner_;
  bool is_cut_ = false;
};

}  // namespace vdm::proxy
