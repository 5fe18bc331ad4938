#include "metrics-service/serve/report/totals_report.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cmath>

#include "common/base/json_writer.h"
#include "common/base/yaml_writer.h"
#include "metrics-service/filter/glob.h"
#include "metrics-service/serve/report/rows_json.h"

namespace vdm::metrics {
namespace {

/// A running request as the totals count it. It adds no duration, so that averages stay right.
Split split_of(const ActiveView& row) {
  const Progressed progress = row.progress.value_or(Progressed{});
  Counters counters;
  counters.requests = 1;
  counters.input_tokens = progress.usage.input_tokens;
  counters.output_tokens = progress.usage.output_tokens;
  counters.cache_read_tokens = progress.usage.cache_read_tokens;
  counters.cache_creation_tokens = progress.usage.cache_creation_tokens;
  counters.reasoning_tokens = progress.usage.reasoning_tokens;
  counters.tool_uses = row.facts->tool_use_count;
  counters.tool_results = row.facts->tool_result_count;
  counters.tool_calls = progress.tool_call_count;
  counters.model_mismatches = progress.other_model.empty() ? 0 : 1;
  Split split{.total = counters, .streaming = {}, .non_streaming = {}};
  (row.facts->streaming ? split.streaming : split.non_streaming) = counters;
  return split;
}

bool wanted(const std::string& pattern, std::string_view text) {
  return pattern.empty() || matches_glob(pattern, text);
}

void add(TotalsReport& report, const std::string& provider, const std::string& model,
         const Split& split, WallTime accessed) {
  TotalsReport::Provider& entry = report.providers[provider];
  for (TotalsReport::Part* part : {&entry.rollup, &entry.models[model]}) {
    part->counters.add(split);
    part->last_accessed = std::max(part->last_accessed, accessed);
  }
  report.summary.add(split.total);
}

/// Members of a block, in the order both forms have them.
template <class Member>
void each_member(const Counters& c, Member&& member) {
  member("requests", c.requests);
  member("errors", c.errors);
  member("input_tokens", c.input_tokens);
  member("output_tokens", c.output_tokens);
  member("cache_read_tokens", c.cache_read_tokens);
  member("cache_creation_tokens", c.cache_creation_tokens);
  member("tool_uses", c.tool_uses);
  member("tool_results", c.tool_results);
  member("tool_calls", c.tool_calls);
}

/// Writes a tree as JSON or as YAML; the code below describes its shape once for both.
class Tree {
 public:
  virtual ~Tree() = default;
  virtual void begin(std::string_view name) = 0;
  virtual void end() = 0;
  virtual void number(std::string_view name, std::uint64_t value) = 0;
  virtual void fraction(std::string_view name, double value) = 0;
  /// Null when it never happened.
  virtual void time(std::string_view name, WallTime value) = 0;
  virtual void flag(std::string_view name, bool value) = 0;
  virtual void comment(std::string_view text) = 0;
};

void write_block(Tree& out, std::string_view name, const Counters& counters) {
  out.begin(name);
  each_member(counters, [&](std::string_view key, std::uint64_t value) { out.number(key, value); });
  out.number("average_duration_ms", static_cast<std::uint64_t>(average_ms(counters)));
  out.fraction("total_duration_ms", milliseconds(counters.duration_sum));
  out.number("cancelled", counters.cancelled);
  out.number("lost", counters.lost);
  out.number("model_mismatches", counters.model_mismatches);
  out.end();
}

void write_split(Tree& out, const Split& split) {
  write_block(out, "total", split.total);
  if (split.streaming != Counters{}) write_block(out, "streaming", split.streaming);
  if (split.non_streaming != Counters{}) write_block(out, "non_streaming", split.non_streaming);
}

void write_summary(Tree& out, const TotalsReport& report) {
  const Counters& sum = report.summary;
  out.begin("summary");
  if (report.last_accessed == WallTime{}) {
    out.time("last_accessed", {});
  } else {
    out.begin("last_accessed");
    out.time("top", report.last_accessed);
    out.end();
  }
  each_member(sum, [&](std::string_view key, std::uint64_t value) {
    out.number(absl::StrCat("total_", std::string(key)), value);
  });
  out.number("active_requests", report.active);
  out.number("average_duration_ms", static_cast<std::uint64_t>(average_ms(sum)));
  out.number("total_duration_ms",
             static_cast<std::uint64_t>(std::llround(milliseconds(sum.duration_sum))));
  out.number("total_cancelled", sum.cancelled);
  out.number("total_lost", sum.lost);
  out.number("total_model_mismatches", sum.model_mismatches);
  out.time("since", report.since);
  out.flag("restoring", report.restoring);
  out.end();
}

void write_provider(Tree& out, const std::string& name, const TotalsReport::Provider& provider) {
  std::string title = name;
  if (!title.empty()) title[0] = absl::ascii_toupper(static_cast<unsigned char>(title[0]));
  out.comment(title + " Provider");
  out.begin(name);
  out.time("last_accessed", provider.rollup.last_accessed);
  out.begin("rollup");
  write_split(out, provider.rollup.counters);
  out.end();
  out.begin("models");
  for (const auto& [model, part] : provider.models) {
    out.begin(model);
    out.time("last_accessed", part.last_accessed);
    write_split(out, part.counters);
    out.end();
  }
  out.end();
  out.end();
}

class JsonTree final : public Tree {
 public:
  explicit JsonTree(JsonWriter& out) : out_(out) {}
  void begin(std::string_view name) override { out_.key(name).begin_object(); }
  void end() override { out_.end_object(); }
  void number(std::string_view name, std::uint64_t value) override { out_.member(name, value); }
  void fraction(std::string_view name, double value) override { out_.member(name, value); }
  void time(std::string_view name, WallTime value) override {
    const std::string text = rfc3339(value);
    out_.member(name, text.empty() ? std::nullopt : std::optional(text));
  }
  void flag(std::string_view name, bool value) override { out_.member(name, value); }
  void comment(std::string_view) override {}

 private:
  JsonWriter& out_;
};

class YamlTree final : public Tree {
 public:
  explicit YamlTree(YamlWriter& out) : out_(out) {}
  void begin(std::string_view name) override { out_.begin(name); }
  void end() override { out_.end(); }
  void number(std::string_view name, std::uint64_t value) override { out_.member(name, value); }
  void fraction(std::string_view name, double value) override { out_.member(name, value); }
  void time(std::string_view name, WallTime value) override {
    const std::string text = rfc3339(value);
    out_.raw(name, text.empty() ? "null" : "'" + text + "'");
  }
  void flag(std::string_view name, bool value) override { out_.member(name, value); }
  void comment(std::string_view text) override { out_.comment(text); }

 private:
  YamlWriter& out_;
};

}  // namespace

TotalsReport totals_report(const Tracker& tracker, const TotalsQuery& query, ClockPair now) {
  TotalsReport report;
  report.query = query;
  report.generated = now.wall;
  report.active = tracker.counts().active;
  report.since = tracker.since();
  report.restoring = tracker.restoring();
  report.last_accessed = tracker.totals().summary().last_accessed;
  for (const auto& [name, provider] : tracker.totals().providers()) {
    if (!wanted(query.provider, name)) continue;
    for (const auto& [model, bucket] : provider.models) {
      const Split& split = bucket.counters;
      const bool done = split.total.requests + split.total.lost > 0;
      if (!done || !wanted(query.model, model)) continue;
      add(report, name, model, split, bucket.last_accessed);
    }
  }
  if (!query.with_active) return report;
  for (const ActiveView& row : tracker.active(now)) {
    const auto [provider, model] = tracker.totals().names_of(*row.facts);
    if (!wanted(query.provider, provider) || !wanted(query.model, model)) continue;
    add(report, std::string(provider), std::string(model), split_of(row), row.facts->started_at);
  }
  return report;
}

std::string as_json(const TotalsReport& report) {
  JsonWriter out;
  JsonTree tree(out);
  out.begin_object();
  write_summary(tree, report);
  tree.begin("providers");
  for (const auto& [name, provider] : report.providers) write_provider(tree, name, provider);
  tree.end();
  return out.end_object().take();
}

std::string as_yaml(const TotalsReport& report) {
  YamlWriter out;
  YamlTree tree(out);
  out.comment("Running Totals Report").comment("Generated: " + rfc3339(report.generated));
  const TotalsQuery& query = report.query;
  if (!query.provider.empty() || !query.model.empty()) {
    std::string filter = query.provider.empty() ? "" : "provider=" + query.provider;
    if (!query.model.empty()) filter += (filter.empty() ? "model=" : " & model=") + query.model;
    out.comment("Filter: " + filter);
  }
  out.empty_line().comment("Summary Statistics");
  write_summary(tree, report);
  out.empty_line().comment("Provider Breakdown");
  if (report.providers.empty()) return out.raw("providers", "{}").take();
  out.begin("providers");
  for (const auto& [name, provider] : report.providers) write_provider(tree, name, provider);
  return out.end().take();
}

}  // namespace vdm::metrics
