#include <benchmark/benchmark.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "proxy-service/events/event_queue.h"

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

/// Takes recorded events from the queue, as the reporter does, until it is destroyed.
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
      benchmark::DoNotOptimize(queue_.take_all(0));
    }
  }

  EventQueue& queue_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

void record_one_request(EventQueue& queue) {
  const FactsPtr facts = make_facts();
  queue.record(Started{facts});
  Ended ended;
  ended.facts = facts;
  ended.attempts.push_back({.provider = "anthropic", .resolved_model = "claude-sonnet-4-5"});
  queue.record(std::move(ended));
}

/// What a request's events cost the thread that serves it: making the facts, recording start and
/// end.
void record_with_a_reporter(benchmark::State& state) {
  EventQueue queue;
  const Taker taker(queue);
  for (auto _ : state) record_one_request(queue);
}
BENCHMARK(record_with_a_reporter);

/// The same without contention: the recording thread also empties the queue.
void record_alone(benchmark::State& state) {
  EventQueue queue;
  for (auto _ : state) {
    record_one_request(queue);
    if (queue.waiting() >= 512) benchmark::DoNotOptimize(queue.take_all(0));
  }
}
BENCHMARK(record_alone);

/// What counting a dropped event costs when the queue is full.
void record_into_a_full_queue(benchmark::State& state) {
  EventQueue queue(1);
  const FactsPtr facts = make_facts();
  for (auto _ : state) queue.record(Started{facts});
}
BENCHMARK(record_into_a_full_queue);

}  // namespace
}  // namespace vdm::proxy
