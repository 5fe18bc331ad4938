#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vdm::simulation {

/// What the scheduler may do. `a` and `b` of a step choose among what there is then, so that a
/// schedule from which steps are dropped still is one.
enum class Do : std::uint8_t {
  Start,       ///< proxy a: b requests begin
  Progress,    ///< proxy a: a request tells how far it is
  End,         ///< proxy a: b requests end
  Report,      ///< proxy a: its reporter looks, and writes b messages
  Heartbeat,   ///< proxy a: its heartbeat is due
  List,        ///< proxy a: its list of what runs is due
  Connect,     ///< proxy a: its reporter opens a stream
  Break,       ///< stream a: the proxy sees it broken; the service may read on
  Close,       ///< stream a: the service sees that it is broken; b: what was under way is gone
  ToService,   ///< stream a: b messages arrive
  ToProxy,     ///< stream a: b replies arrive
  KillProxy,   ///< proxy a; its ring stays
  NewProxy,    ///< another process of a proxy begins
  Adopt,       ///< somebody takes up the ring a of a process that is gone
  Commit,      ///< the disk commits b batches
  Told,        ///< the service hears of b commits
  Checkpoint,  ///< the service has one kept
  KillService,
  StartService,
  Pass,   ///< time passes, and the service looks at its leases
  Quiet,  ///< nothing fails until all is told: everything is counted
};
inline constexpr unsigned Kinds = static_cast<unsigned>(Do::Quiet) + 1;

struct Step {
  Do what = Do::Quiet;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};

/// How large things are in a schedule.
struct Sizes {
  /// Of events that a proxy keeps. More than the ring has: see README.md.
  std::size_t log_bytes = 1024 * 1024;
  std::size_t batch_events = 0;  ///< in one batch
  std::uint64_t credit = 0;
  bool large_facts = false;  ///< records of 2 KB
  bool has_twin = false;     ///< a second tracker is told the same
};

struct Schedule {
  std::uint64_t seed = 0;
  Sizes sizes;
  std::vector<Step> steps;
};

/// The same seed gives the same schedule, everywhere. Pure.
Schedule schedule_of(std::uint64_t seed);
std::string text_of(const Step& step);

}  // namespace vdm::simulation
