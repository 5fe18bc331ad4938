#include "tests/simulation/schedule.h"

#include <array>
#include <numeric>
#include <random>

namespace vdm::simulation {
namespace {

struct Word {
  const char* text;
  unsigned weight;
};
constexpr std::array<Word, Kinds> Words{
    {{"Start", 12},   {"Progress", 8},   {"End", 10},        {"Report", 16},      {"Heartbeat", 3},
     {"List", 1},     {"Connect", 8},    {"Break", 4},       {"Close", 4},        {"ToService", 16},
     {"ToProxy", 12}, {"KillProxy", 3},  {"NewProxy", 2},    {"Adopt", 4},        {"Commit", 10},
     {"Told", 8},     {"Checkpoint", 2}, {"KillService", 3}, {"StartService", 5}, {"Pass", 8},
     {"Quiet", 1}}};

constexpr unsigned weight_of_all() {
  unsigned sum = 0;
  for (const Word& word : Words) sum += word.weight;
  return sum;
}

Do drawn(std::uint32_t number) {
  unsigned left = number % weight_of_all();
  unsigned at = 0;
  while (left >= Words[at].weight) left -= Words[at++].weight;
  return static_cast<Do>(at);
}

}  // namespace

Schedule schedule_of(std::uint64_t seed) {
  // std::mt19937 gives the same numbers everywhere; the library's distributions need not.
  std::mt19937 engine(static_cast<std::uint32_t>(seed * 2'654'435'761u + 1));
  const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
  Schedule made{.seed = seed, .sizes = {}, .steps = {}};
  made.sizes.batch_events = random() % 3 == 0 ? 3 : 512;
  made.sizes.credit = random() % 4 == 0 ? 600 : 1 << 20;
  made.sizes.large_facts = random() % 4 == 0;
  made.sizes.has_twin = random() % 4 == 0;
  const std::size_t length = 10 + random() % 70;
  for (std::size_t at = 0; at < length; ++at) {
    const Do what = drawn(random());
    const std::uint32_t a = random() % 1024;
    made.steps.push_back({.what = what, .a = a, .b = random() % 1024});
  }
  return made;
}

std::string text_of(const Step& step) {
  return std::string(Words[static_cast<unsigned>(step.what)].text) + " " + std::to_string(step.a) +
         " " + std::to_string(step.b);
}

}  // namespace vdm::simulation
