#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/fakes/manual_clock.h"
#include "tests/simulation/books.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/proxy.h"
#include "tests/simulation/schedule.h"
#include "tests/simulation/service.h"

namespace vdm::simulation {

/// The files of rings, used again by the next schedule of the thread: making them is what costs.
class RingFiles {
 public:
  std::shared_ptr<RingFile> take();

 private:
  std::vector<std::shared_ptr<RingFile>> files_;
};

/// Proxies, streams, a service and its disk, and the time. Thread: one.
class World {
 public:
  World(const Sizes& sizes, RingFiles& files);

  void take(const Step& step);
  /// Nothing fails until all is told; then everything is counted.
  void settle();
  const std::string& fault() const { return books_.fault(); }

 private:
  static constexpr std::size_t ProxiesMax = 6;

  Proxy& proxy(std::uint32_t which) { return *proxies_[which % proxies_.size()]; }
  void add_proxy();
  void kill_service();
  void start_service();
  void pass(std::chrono::milliseconds time);
  void step_stream(const Step& step);
  void settle_once();
  bool is_quiet() const;
  void count();
  void count(const Proxy& proxy, const metrics::ProxyView* view);

  const Sizes sizes_;
  RingFiles& files_;
  ManualClock clock_;
  Books books_;
  Disk disk_;
  std::uint64_t sessions_opened_ = 0;
  std::unique_ptr<Service> service_;
  std::vector<std::unique_ptr<Proxy>> proxies_;
  std::vector<std::shared_ptr<Stream>> streams_;
};

/// Runs the schedule. What was not as it must be; empty: nothing. `steps_done` gets how many steps
/// it took.
std::string run(const Schedule& schedule, RingFiles& files, std::size_t& steps_done);

}  // namespace vdm::simulation
