#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <vdm/metrics/v1/ingest.pb.h>

#include "metrics-service/log/local_log.h"
#include "metrics-service/pipeline/pipeline.h"
#include "metrics-service/store/memory_history.h"
#include "metrics-service/tracker/tracker.h"
#include "proto/contract/event_codec.h"
#include "tests/bench/gate/events.h"
#include "tests/bench/gate/window.h"
#include "tests/fakes/manual_clock.h"

// Counts what one received batch costs: parsed, checked, applied, and appended to a log without
// history.

namespace vdm::metrics {
namespace {

constexpr std::size_t RequestsPerBatch = 64;
constexpr std::size_t WarmUp = 64;
constexpr std::size_t Count = 48;

std::string batch_text(std::size_t number) {
  v1::Batch batch;
  batch.set_first_seq(number * RequestsPerBatch * 2 + 1);
  for (std::size_t i = 0; i < RequestsPerBatch; ++i) {
    const FactsPtr facts = gate::facts(number * RequestsPerBatch + i);
    encode(Event(Started{facts}), *batch.add_events());
    encode(Event(gate::ended(facts)), *batch.add_events());
  }
  return batch.SerializeAsString();
}

int run() {
  ManualClock clock;
  // The limits are so small that every table is full before counting begins.
  Tracker tracker({.epoch = "gate",
                   .closed_max = 4096,
                   .errors_max = 100,
                   .traces_max = 200,
                   .events_max = 4096});
  std::vector<std::function<void()>> posted;
  MemoryHistory store([&](std::function<void()> work) { posted.push_back(std::move(work)); });
  LocalLog log({.block = {.epoch = "gate"}}, clock);
  Pipeline pipeline(tracker, log, store, clock);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < WarmUp + Count; ++i) texts.push_back(batch_text(i));

  v1::Batch message;
  std::uint64_t acknowledged = 0;
  gate::count_window(WarmUp, Count, [&](std::size_t i) {
    message.ParseFromString(texts[i]);
    LeftOut left_out;
    const auto batch = decode(message, left_out);
    pipeline.report("gate-proxy", batch->first_seq, batch->events,
                    [&](std::uint64_t seq) { acknowledged = seq; });
    for (const auto& work : posted) work();
    posted.clear();
  });
  return acknowledged == texts.size() * RequestsPerBatch * 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace vdm::metrics

int main() { return vdm::metrics::run(); }
