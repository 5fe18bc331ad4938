#include "metrics-service/summary.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/base/log.h"

namespace vdm::metrics {
namespace {

constexpr std::size_t NamesMax = 8;

/// "gpt-4o: 12, claude: 3": the largest counts first, then how many more there are.
std::string counted(std::vector<std::pair<std::string, std::uint64_t>> counts) {
  std::ranges::stable_sort(counts, std::greater<>{}, [](const auto& c) { return c.second; });
  std::string text;
  for (std::size_t i = 0; i < std::min(counts.size(), NamesMax); ++i) {
    text += (i ? ", " : "") + counts[i].first + ": " + std::to_string(counts[i].second);
  }
  if (counts.size() > NamesMax) text += ", and " + std::to_string(counts.size() - NamesMax);
  return text;
}

}  // namespace

Summary::Summary(const Tracker& tracker, std::uint64_t interval)
    : tracker_(tracker), interval_(interval) {
  begin();
}

std::uint64_t Summary::completed() const {
  return tracker_.totals().summary().counters.total.requests;
}

void Summary::begin() { next_ = completed() + interval_; }

void Summary::changed() {
  if (interval_ == 0 || completed() < next_) return;
  next_ = completed() + interval_;
  write();
}

void Summary::write() const {
  const Totals& totals = tracker_.totals();
  const Counters& sum = totals.summary().counters.total;
  std::vector<std::pair<std::string, std::uint64_t>> models;
  for (const auto& [provider, entry] : totals.providers()) {
    for (const auto& [model, bucket] : entry.models) {
      const std::uint64_t requests = bucket.counters.total.requests;
      if (requests > 0) models.emplace_back(provider + ":" + model, requests);
    }
  }
  const auto average = sum.duration_count == 0 ? 0
                                               : sum.duration_sum.count() / 1000 /
                                                     static_cast<std::int64_t>(sum.duration_count);
  log::info("summary", {{"of", "all since history begins"},
                        {"completed", std::to_string(sum.requests)},
                        {"errors", std::to_string(sum.errors)},
                        {"cancelled", std::to_string(sum.cancelled)},
                        {"lost", std::to_string(sum.lost)},
                        {"average_ms", std::to_string(average)},
                        {"input_tokens", std::to_string(sum.input_tokens)},
                        {"output_tokens", std::to_string(sum.output_tokens)},
                        {"cache_read_tokens", std::to_string(sum.cache_read_tokens)},
                        {"cache_creation_tokens", std::to_string(sum.cache_creation_tokens)},
                        {"tool_uses", std::to_string(sum.tool_uses)},
                        {"tool_results", std::to_string(sum.tool_results)},
                        {"tool_calls", std::to_string(sum.tool_calls)},
                        {"models", counted(std::move(models))}});
  if (totals.error_counts().empty()) return;
  std::vector<std::pair<std::string, std::uint64_t>> errors(totals.error_counts().begin(),
                                                            totals.error_counts().end());
  log::warning("summary errors",
               {{"of", "all since history begins"}, {"by_type", counted(std::move(errors))}});
}

}  // namespace vdm::metrics
