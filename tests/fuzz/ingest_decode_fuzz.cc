// A report as it comes over the wire: whatever is decoded, the tracker's counts add up after it.
// The input is messages, each behind a byte that says how many of the following are its.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "metrics-service/ingest/ingest_message.h"
#include "metrics-service/tracker/tracker.h"

namespace {

using namespace vdm;
using namespace vdm::metrics;
using namespace std::chrono_literals;

constexpr std::string_view Instance = "fuzzed";

void require(bool holds) {
  if (!holds) std::abort();
}

/// What an ingest session does with a message, in front of a tracker.
class Session {
 public:
  Session() {
    ProxyHello hello;
    hello.instance_id = Instance;
    hello.proxy_name = "proxy";
    hello.oldest_unacked_seq = 1;
    tracker_.hello(hello, now_);
  }

  void take(std::string_view bytes) {
    LeftOut left_out;
    const auto message = decode(bytes, left_out);
    if (!message) return require(!message.error().message.empty());
    if (left_out.numbers > 0) tracker_.left_out(Instance, left_out.numbers, now_);
    apply(*message);
    now_.at += 300ms;
    now_.wall += 300ms;
    tracker_.tick(now_);
    require(tracker_.broken_invariant().empty());
  }

 private:
  void apply(const IngestMessage& message) {
    if (const auto* hello = std::get_if<ProxyHello>(&message)) {
      tracker_.hello(*hello, now_);
    } else if (const auto* batch = std::get_if<DecodedBatch>(&message)) {
      if (batch->first_seq > tracker_.first_seq_most(Instance)) return;
      require(tracker_.apply(Instance, batch->first_seq, batch->events, now_) == batch->last_seq);
    } else if (const auto* part = std::get_if<SnapshotPart>(&message)) {
      tracker_.active_snapshot(Instance, part->as_of_seq, part->entries, now_);
    } else if (const auto* beat = std::get_if<ProxyHeartbeat>(&message)) {
      tracker_.heartbeat(Instance, *beat, now_);
    } else if (std::holds_alternative<ProxyGoodbye>(message)) {
      tracker_.goodbye(Instance, now_);
    }
  }

  ClockPair now_{};
  Tracker tracker_{TrackerOptions{.active_max = 8,
                                  .active_of_instance_max = 6,
                                  .models_max = 4,
                                  .instances_max = 3,
                                  .lost_max = 4,
                                  .closed_max = 4,
                                  .events_max = 16}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Session session;
  while (!rest.empty()) {
    const std::size_t length = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    const std::string_view message = rest.substr(0, length);
    rest.remove_prefix(message.size());
    session.take(message);
  }
  return 0;
}
