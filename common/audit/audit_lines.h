#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/ip_address.h"

namespace vdm {

/// What somebody did or was kept from.
struct AuditEntry {
  std::string actor{};  ///< the name of a key of ours
  std::string shown{};  ///< of a key that is none: the first digits of its hash
  IpAddress address{};
  std::string action;  ///< "login", "cancel", "call"
  std::string target{};
  std::string outcome;  ///< "done", or why it was refused
};

/// The line of an entry, with its line end.
std::string audit_line(const AuditEntry& entry, SystemTime at, std::uint64_t count);

/// Makes lines of entries: each entry's at once, but of refusals that are alike one in each Window,
/// with their count. Alike are those of one holder of a key for one target, and all that come from
/// one address with no key of ours. Bounded, whatever comes. Thread: one at a time.
class AuditLines {
 public:
  static constexpr std::chrono::seconds Window{10};
  static constexpr std::size_t KindsMax = 256;
  static constexpr std::size_t LinesMax = 1'024;
  enum class Kind { Deed, Refusal };

  void add(AuditEntry entry, Kind kind, SystemTime at, MonotonicTime now);
  /// The lines since the last call, with the counts of windows that are over, or of all.
  enum class Counts { Due, All };
  std::vector<std::string> take(SystemTime at, MonotonicTime now, Counts which);

 private:
  struct Alike {
    std::string actor;
    IpAddress network;
    std::string action;
    std::string target;
    std::string outcome;
    friend auto operator<=>(const Alike&, const Alike&) = default;
  };
  struct Count {
    AuditEntry last;
    std::uint64_t more = 0;  ///< since the line that was written
    MonotonicTime since{};
  };

  void put(std::string line);

  std::vector<std::string> lines_;
  std::uint64_t left_out_ = 0;
  std::map<Alike, Count> refusals_;
};

}  // namespace vdm
