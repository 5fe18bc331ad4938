#include <benchmark/benchmark.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "proxy-service/events/event_queue.h"
#include "proxy-service/spool/spool_file.h"

namespace vdm::proxy {
namespace {

FactsPtr make_facts() {
  const auto facts = std::make_shared<RequestFacts>();
  facts->request_id = "req_0123456789abcdef0123456789abcdef_123456";
  facts->requested_model = facts->resolved_model = "claude-sonnet-4-5-20250929";
  facts->provider = "anthropic";
  facts->user_agent = "Anthropic/Python 0.39.0";
  facts->trace_id = "0123456789abcdef0123456789abcdef";
  return facts;
}

void take_all(EventQueue& queue) {
  queue.take();
  queue.ring().prepare();
  EventRing::Record record;
  while (queue.ring().next(record)) queue.ring().free(record.place);
}

/// Reads and frees recorded events, as the reporter does, until it is destroyed.
class Taker {
 public:
  explicit Taker(EventQueue& queue) : queue_(queue), thread_([this] { run(); }) {}
  ~Taker() {
    over_ = true;
    thread_.join();
  }

 private:
  void run() {
    while (!over_) {
      if (queue_.waiting() < 128) {
        std::this_thread::yield();
        continue;
      }
      take_all(queue_);
    }
  }

  EventQueue& queue_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

void record_one_request(EventQueue& queue) {
  const FactsPtr facts = make_facts();
  const StartRef start = queue.started(facts);
  Ended ended;
  ended.facts = facts;
  ended.attempts.push_back({.provider = "anthropic", .resolved_model = "claude-sonnet-4-5"});
  queue.ended(ended, start);
}

/// What a request's events cost the thread that serves it: making the facts, recording start and
/// end.
void record_with_a_reporter(benchmark::State& state) {
  EventQueue queue;
  const Taker taker(queue);
  for (auto _ : state) record_one_request(queue);
}
BENCHMARK(record_with_a_reporter);

/// The same into a file of the working directory's disk.
void record_into_a_spool(benchmark::State& state) {
  const std::filesystem::path folder = "bench-spool";
  {
    auto file = std::move(SpoolFile::create(folder, EventQueue::DefaultBytesMax,
                                            {.instance_id = "bench",
                                             .secret = {},
                                             .proxy_name = "",
                                             .version = "",
                                             .boot_wall = {}})
                              .value());
    EventQueue queue(std::move(file.map().value()));
    const Taker taker(queue);
    for (auto _ : state) record_one_request(queue);
    file.remove();
  }
  std::filesystem::remove(folder);
}
BENCHMARK(record_into_a_spool);

/// The same without contention: the recording thread also empties the queue.
void record_alone(benchmark::State& state) {
  EventQueue queue;
  for (auto _ : state) {
    record_one_request(queue);
    if (queue.waiting() >= 512) take_all(queue);
  }
}
BENCHMARK(record_alone);

/// What counting a dropped event costs when the queue is full.
void record_into_a_full_queue(benchmark::State& state) {
  EventQueue queue(1);
  const FactsPtr facts = make_facts();
  for (auto _ : state) queue.started(facts);
}
BENCHMARK(record_into_a_full_queue);

}  // namespace
}  // namespace vdm::proxy
