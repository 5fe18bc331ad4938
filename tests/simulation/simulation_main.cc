#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/simulation/shrink.h"

// simulation_test [--schedules N] [--seed FIRST] [--find]
// Runs N schedules on two threads. With --find the program has a fault: it succeeds when one of the
// schedules shows it.

namespace vdm::simulation {
namespace {

constexpr unsigned Threads = 2;

struct Options {
  std::uint64_t schedules = 100'000;
  std::uint64_t seed = 1;
  bool find = false;
};

std::optional<Options> options_of(int count, char** words) {
  Options options;
  for (int at = 1; at < count; ++at) {
    const std::string_view word = words[at];
    if (word == "--find") {
      options.find = true;
      continue;
    }
    std::uint64_t* const number = word == "--schedules" ? &options.schedules
                                  : word == "--seed"    ? &options.seed
                                                        : nullptr;
    if (!number || ++at == count) return std::nullopt;
    const char* const end = words[at] + std::strlen(words[at]);
    if (std::from_chars(words[at], end, *number).ptr != end) return std::nullopt;
  }
  return options;
}

/// The lowest seed that fails, of those up to which all were tried.
std::optional<std::uint64_t> failing_seed(const Options& options) {
  std::atomic<std::uint64_t> next{options.seed};
  std::atomic<std::uint64_t> lowest{UINT64_MAX};
  const auto work = [&] {
    RingFiles files;
    for (std::uint64_t seed = next++; seed < options.seed + options.schedules; seed = next++) {
      if (seed >= lowest) return;
      std::size_t done = 0;
      if (run(schedule_of(seed), files, done).empty()) continue;
      std::uint64_t known = lowest;
      while (seed < known && !lowest.compare_exchange_weak(known, seed)) {
      }
      return;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned at = 0; at < Threads; ++at) threads.emplace_back(work);
  }
  return lowest == UINT64_MAX ? std::nullopt : std::optional<std::uint64_t>(lowest);
}

void print(std::uint64_t seed) {
  RingFiles files;
  std::size_t done = 0;
  const Schedule whole = schedule_of(seed);
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
              run(whole, files, done).c_str());
  const Schedule least = shrunk(whole, files);
  std::printf("shortest schedule that fails, %zu of %zu steps: %s\n", least.steps.size(),
              whole.steps.size(), run(least, files, done).c_str());
  std::printf("  log of %zu bytes, %zu events in a batch, credit %llu%s%s\n", whole.sizes.log_bytes,
              whole.sizes.batch_events, static_cast<unsigned long long>(whole.sizes.credit),
              whole.sizes.large_facts ? ", large facts" : "",
              whole.sizes.has_twin ? ", two trackers" : "");
  for (const Step& step : least.steps) std::printf("  %s\n", text_of(step).c_str());
}

int main_of(const Options& options) {
  const auto seed = failing_seed(options);
  if (seed) print(*seed);
  if (options.find) {
    if (seed) {
      std::printf("found after %llu schedules\n",
                  static_cast<unsigned long long>(*seed - options.seed + 1));
      return 0;
    }
    std::printf("not found within %llu schedules\n",
                static_cast<unsigned long long>(options.schedules));
    return 1;
  }
  if (!seed) {
    std::printf("%llu schedules: nothing lost, nothing twice\n",
                static_cast<unsigned long long>(options.schedules));
  }
  return seed ? 1 : 0;
}

}  // namespace
}  // namespace vdm::simulation

int main(int count, char** words) {
  const auto options = vdm::simulation::options_of(count, words);
  if (!options) {
    std::fprintf(stderr, "usage: simulation_test [--schedules N] [--seed FIRST] [--find]\n");
    return 2;
  }
  return vdm::simulation::main_of(*options);
}
