#include <cstdlib>
#include <memory>
#include <utility>

#include "proto/contract/event_wire.h"
#include "proxy-service/events/event_queue.h"
#include "proxy-service/events/report_log.h"
#include "tests/bench/gate/events.h"
#include "tests/bench/gate/window.h"

// Counts what the proxy does with an event, from the call that records it to the acknowledgement of
// the bytes sent, all on one thread. It works in rounds of as many events as a batch holds.

namespace vdm::proxy {
namespace {

constexpr std::size_t RequestsPerRound = 64;
constexpr std::size_t WarmUp = 32;
constexpr std::size_t Count = 96;

/// Work that the recorded figures do not include: the gate's own test expects it to be named.
[[gnu::noinline]] void extra_work() {
  for (int i = 0; i < 100; ++i) {
    const auto memory = std::make_unique<int>(i);
    asm volatile("" : : "r"(memory.get()) : "memory");  // or the compiler leaves it out
  }
}

int run(bool with_extra_work) {
  EventQueue queue;
  ReportLog log(queue, {});
  log.open(0, 1 << 30);
  ReportLog::Batch batch;
  WireBuffer bytes;
  std::uint64_t sent = 0;
  gate::count_window(WarmUp, Count, [&](std::size_t round) {
    for (std::size_t i = 0; i < RequestsPerRound; ++i) {
      const FactsPtr facts = gate::facts(round * RequestsPerRound + i);
      const StartRef start = queue.started(facts);
      if (with_extra_work) extra_work();
      queue.ended(gate::ended(facts), start);
    }
    log.take();
    while (log.next_batch(batch)) {
      bytes.clear();
      write_batch_request(batch.first_seq, batch.events, bytes);
      sent += batch.events.size();
    }
    log.acknowledge(sent, 1 << 30);
  });
  const std::size_t rounds = WarmUp + Count;
  return log.empty() && sent == rounds * RequestsPerRound * 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace vdm::proxy

int main(int argc, char**) { return vdm::proxy::run(argc > 1); }
