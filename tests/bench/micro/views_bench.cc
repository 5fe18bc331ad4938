#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <string>
#include <vector>

#include "metrics-service/serve/live/feed.h"

// What the live feeds cost under load: 50,000 requests run, of which 500 change before each
// publish; ten publishes a second, ten readers.

namespace vdm::metrics {
namespace {

constexpr std::size_t Running = 50'000;
constexpr std::size_t Changed = 500;
constexpr std::size_t Readers = 10;
constexpr double PublishesPerSecond = 10;
constexpr std::string_view Proxy = "0123456789abcdef0123456789abcdef";

FactsPtr facts(std::size_t i) {
  RequestFacts facts;
  facts.request_id = "req_0123456789abcdef0123456789abcdef_" + std::to_string(i);
  facts.started_at = WallTime(std::chrono::seconds(1'764'000'000 + i));
  facts.requested_model = "anthropic:claude-sonnet-4-5-20250929";
  facts.resolved_model = "claude-sonnet-4-5-20250929";
  facts.provider = "anthropic";
  facts.streaming = true;
  facts.client_label = "claude-code";
  facts.user_agent = "claude-cli/2.0.14 (external, cli)";
  facts.session_id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  facts.trace_id = "0123456789abcdef0123456789abcdef";
  return std::make_shared<const RequestFacts>(std::move(facts));
}

/// A tracker with many running requests, and endless progress for them.
class Traffic {
 public:
  Traffic() {
    std::vector<Event> events;
    for (std::size_t i = 0; i < Running; ++i) {
      facts_.push_back(facts(i));
      events.emplace_back(std::in_place_type<Started>, facts_.back());
    }
    seq_ = tracker_.apply(Proxy, 1, events, now());
  }
  void go_on() {
    ++publishes_;
    std::vector<Event> events;
    for (std::size_t i = 0; i < Changed; ++i) {
      Progressed progress;
      progress.request_id = facts_[next_++ % Running]->request_id;
      progress.phase = Phase::Streaming;
      progress.elapsed = std::chrono::milliseconds(100 * publishes_);
      progress.ttft = std::chrono::milliseconds(50);
      progress.usage.input_tokens = 12'345;
      progress.usage.output_tokens = static_cast<std::uint64_t>(publishes_);
      progress.attempt = 1;
      events.push_back(progress);
    }
    seq_ = tracker_.apply(Proxy, seq_ + 1, events, now());
  }
  ClockPair now() const {
    const auto passed = std::chrono::milliseconds(100 * publishes_);
    return {MonotonicTime(std::chrono::hours(1) + passed),
            WallTime(std::chrono::seconds(1'764'100'000) + passed)};
  }
  const Tracker& tracker() const { return tracker_; }

 private:
  Tracker tracker_{TrackerOptions{}};
  std::vector<FactsPtr> facts_;
  std::uint64_t seq_ = 0;
  std::size_t next_ = 0;
  std::int64_t publishes_ = 0;
};

/// This thread is the owner; it goes on until the text is made.
std::size_t size_of(boost::asio::io_context& owner, PendingText& text) {
  std::size_t size = 0;
  const auto wait = [&]() -> http::Awaitable<void> {
    const auto made = co_await text.made();
    size = made->size();
  };
  boost::asio::co_spawn(owner, wait, boost::asio::detached);
  owner.restart();
  while (size == 0) owner.run_one();
  return size;
}

/// The readers' revisions are those of the last `places` publishes.
void publish(benchmark::State& state) {
  const auto places = static_cast<std::size_t>(state.range(0));
  Traffic traffic;
  boost::asio::io_context owner;
  const auto stays = boost::asio::make_work_guard(owner);
  TextThread texts(owner);
  Feed feed(FeedKind::Multiplexed, traffic.tracker(), texts, {});
  std::vector<std::uint64_t> revisions(places, traffic.tracker().revision());
  std::size_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    traffic.go_on();
    feed.forget();
    state.ResumeTiming();
    for (std::size_t reader = 0; reader < Readers; ++reader) {
      const auto text = feed.after(revisions[reader % places], {}, traffic.now()).text;
      bytes += size_of(owner, *text);
    }
    state.PauseTiming();
    revisions.erase(revisions.begin());
    revisions.push_back(traffic.tracker().revision());
    state.ResumeTiming();
  }
  using benchmark::Counter;
  state.counters["publishes_per_core"] =
      Counter(static_cast<double>(state.iterations()), Counter::kIsRate);
  state.counters["core_at_10_per_s"] =
      Counter(static_cast<double>(state.iterations()) / PublishesPerSecond,
              Counter::kIsRate | Counter::kInvert);
  state.counters["bytes"] = Counter(static_cast<double>(bytes), Counter::kAvgIterations);
}
BENCHMARK(publish)->ArgName("places")->Arg(1)->Arg(2)->Arg(10)->Unit(benchmark::kMillisecond);

/// What applying the progress costs, without any view.
void apply(benchmark::State& state) {
  Traffic traffic;
  for (auto _ : state) traffic.go_on();
}
BENCHMARK(apply)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace vdm::metrics
