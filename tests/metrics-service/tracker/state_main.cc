#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "metrics-service/tracker/view.h"
#include "tests/metrics-service/tracker/scenario.h"

// Plays one history, the same each time, and prints all that the tracker then holds: what two
// processes print must be equal. Its argument moves the heap, and with it what hash tables are
// seeded by, where addresses are not random.

namespace vdm::metrics {
namespace {

using namespace scenario;

constexpr int Requests = 200;
const std::string Leaving = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const std::string Late = "cccccccccccccccccccccccccccccccc";

std::string id_of(const std::string& kind, int i) { return kind + std::to_string(i); }

/// Rows whose rates all fall in one tick.
void fall_silent(Tracker& tracker) {
  std::vector<Event> events;
  for (int i = 0; i < Requests; ++i) events.push_back(started(id_of("silent", i)));
  for (int i = 0; i < Requests; ++i) {
    events.push_back(progress(id_of("silent", i), 500, 5));
    events.push_back(progress(id_of("silent", i), 1000, 50));
  }
  tracker.apply(Proxy, 1, events, at(1000));
  tracker.tick(at(4500));
}

/// Requests that are lost, and whose instance is then forgotten; more than `closed_max` of them.
void leave(Tracker& tracker) {
  std::vector<Event> events;
  for (int i = 0; i < Requests; ++i) events.push_back(started(id_of("lost", i)));
  tracker.apply(Leaving, 1, events, at(4500));
  tracker.stream_closed(Leaving, at(4500));
  for (int ms = 4600; ms <= 10'000; ms += 250) {
    tracker.heartbeat(Proxy, ProxyHeartbeat{}, at(ms));
    tracker.tick(at(ms));
  }
  tracker.hello(hello(Late), at(10'000));
}

/// Ends of those requests: they count where the tracker has forgotten that they were closed.
void end_late(Tracker& tracker) {
  std::vector<Event> events;
  for (int i = 0; i < Requests; ++i) events.push_back(ended(id_of("lost", i)));
  tracker.apply(Late, 1, events, at(10'000));
}

void print_bucket(const std::string& name, const Bucket& bucket) {
  std::cout << name << " requests " << bucket.counters.total.requests << " lost "
            << bucket.counters.total.lost << " active " << bucket.active << " changed_at "
            << bucket.changed_at << '\n';
}

void print_totals(const Totals& totals) {
  print_bucket("summary", totals.summary());
  for (const auto& [name, provider] : totals.providers()) {
    print_bucket(name, provider.rollup);
    for (const auto& [model, bucket] : provider.models) print_bucket(name + ":" + model, bucket);
  }
}

void print_traces(const std::vector<TracePtr>& traces) {
  for (const TracePtr& trace : traces) {
    std::cout << trace->seq << ' ' << trace->error_seq << ' ' << trace->revision << ' '
              << trace->ended.facts->request_id << ' ' << outcome_name(trace->ended.outcome)
              << '\n';
  }
}

void print(const Tracker& tracker) {
  const View view = snapshot_of(tracker, at(10'000));
  std::cout << "revision " << view.revision << '\n';
  for (const ActiveView& row : view.active) {
    std::cout << row.facts->request_id << " changed_at " << row.changed_at << '\n';
  }
  print_totals(tracker.totals());
  print_traces(view.traces);
  print_traces(view.errors);
  for (const Second& second : view.series) {
    std::cout << second.t << ' ' << second.started << ' ' << second.ended << ' '
              << second.changed_at << '\n';
  }
  for (const LiveEventPtr& event : tracker.events_after(std::uint64_t{0}).events) {
    std::cout << event->revision << ' ' << event->kind.index() << ' '
              << (event->facts ? event->facts->request_id : "") << '\n';
  }
}

}  // namespace
}  // namespace vdm::metrics

int main(int argc, char** argv) {
  const int bytes = argc > 1 ? std::atoi(argv[1]) : 0;
  const std::vector<char> moves_the_heap(static_cast<std::size_t>(bytes));
  vdm::metrics::Tracker tracker(
      {.instances_max = 2, .closed_max = vdm::metrics::Requests / 2, .traces_max = 1'000});
  vdm::metrics::fall_silent(tracker);
  vdm::metrics::leave(tracker);
  vdm::metrics::end_late(tracker);
  vdm::metrics::print(tracker);
  return tracker.broken_invariant().empty() ? 0 : 1;
}
