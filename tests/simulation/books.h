#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "metrics-service/log/event_log.h"
#include "proto/contract/event.h"

namespace vdm::simulation {

/// What really happened, written down beside the code under test, and the first thing that is not
/// as it must be. Thread: one.
class Books {
 public:
  struct Truth {
    std::set<std::string> running;
    std::set<std::string> ended;
    std::set<std::string> left;      ///< ran when it was killed
    std::uint64_t untold_drops = 0;  ///< ends dropped since the reporter's last look before a kill
    std::unordered_map<std::uint64_t, std::string> numbered;  ///< as the service read it
    std::set<std::uint64_t> ends;  ///< numbers of ends and gaps, of those
    std::uint64_t acknowledged = 0;
  };

  void fail(std::string why) {
    if (fault_.empty()) fault_ = std::move(why);
  }
  const std::string& fault() const { return fault_; }

  Truth& process(std::string_view instance) { return processes_[std::string(instance)]; }
  std::map<std::string, Truth>& processes() { return processes_; }

  /// A number always stands for the same event; a Gap may take an event's place.
  void numbered(std::string_view instance, std::uint64_t first, const std::vector<Event>& events);

  /// A place in the log, and the revision to which it led. Neither comes twice.
  void told(const metrics::EntryPlace& place, std::uint64_t revision);
  void row(std::uint64_t revision) {
    if (!revisions_.insert(revision).second) {
      fail("revision " + std::to_string(revision) + " was given twice");
    }
  }
  void service_began() { position_before_ = position_; }

 private:
  std::string fault_;
  std::map<std::string, Truth> processes_;
  std::unordered_set<std::uint64_t> revisions_;
  std::uint64_t position_ = 0;
  std::uint64_t position_before_ = 0;  ///< the last of the services before
  std::uint64_t revision_ = 0;
};

}  // namespace vdm::simulation
