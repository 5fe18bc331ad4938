#include "metrics-service/tracker/figures/totals.h"

#include <algorithm>
#include <cstdlib>

namespace vdm::metrics {
namespace {

constexpr std::string_view Unknown = "unknown";
constexpr std::string_view Other = "other";
constexpr std::size_t ErrorTypesMax = 64;

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return text.size() >= start.size() &&
         std::ranges::equal(text.substr(0, start.size()), start, {}, lower, lower);
}

Counters counters_of(const Ended& ended) {
  Counters counters;
  counters.requests = 1;
  counters.errors = is_error(ended.outcome) ? 1 : 0;
  counters.cancelled = is_cancelled(ended.outcome) ? 1 : 0;
  counters.input_tokens = ended.usage.input_tokens;
  counters.output_tokens = ended.usage.output_tokens;
  counters.cache_read_tokens = ended.usage.cache_read_tokens;
  counters.cache_creation_tokens = ended.usage.cache_creation_tokens;
  counters.reasoning_tokens = ended.usage.reasoning_tokens;
  counters.tool_uses = ended.facts->tool_use_count;
  counters.tool_results = ended.facts->tool_result_count;
  counters.tool_calls = ended.tool_call_count;
  counters.model_mismatches = ended.model_mismatch ? 1 : 0;
  counters.duration_sum = ended.duration;
  counters.duration_count = 1;
  return counters;
}

void add_ended(Bucket& bucket, const Ended& ended, const Counters& counters) {
  bucket.counters.total.add(counters);
  (ended.facts->streaming ? bucket.counters.streaming : bucket.counters.non_streaming)
      .add(counters);
  bucket.duration.add(ended.duration);
  if (ended.ttft) bucket.ttft.add(*ended.ttft);
}

/// Adds one lost request, or removes it again when `one` is -1.
void add_lost(Bucket& bucket, const RequestFacts& facts, int one) {
  const auto delta = static_cast<std::uint64_t>(static_cast<std::int64_t>(one));
  bucket.counters.total.lost += delta;
  (facts.streaming ? bucket.counters.streaming : bucket.counters.non_streaming).lost += delta;
}

}  // namespace

void Counters::add(const Counters& other) {
  requests += other.requests;
  errors += other.errors;
  cancelled += other.cancelled;
  lost += other.lost;
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  cache_read_tokens += other.cache_read_tokens;
  cache_creation_tokens += other.cache_creation_tokens;
  reasoning_tokens += other.reasoning_tokens;
  tool_uses += other.tool_uses;
  tool_results += other.tool_results;
  tool_calls += other.tool_calls;
  model_mismatches += other.model_mismatches;
  duration_sum += other.duration_sum;
  duration_count += other.duration_count;
}

void Split::add(const Split& other) {
  total.add(other.total);
  streaming.add(other.streaming);
  non_streaming.add(other.non_streaming);
}

void Bucket::merge(const Bucket& other) {
  counters.add(other.counters);
  active += other.active;
  duration.merge(other.duration);
  ttft.merge(other.ttft);
  last_accessed = std::max(last_accessed, other.last_accessed);
  changed_at = std::max(changed_at, other.changed_at);
}

template <class Change>
void Totals::change(const RequestFacts& facts, std::uint64_t revision, Change&& how) {
  const auto [provider, model] = buckets_of(facts);
  for (Bucket* bucket : {&summary_, &provider->rollup, model}) {
    how(*bucket);
    bucket->changed_at = revision;
  }
}

void Totals::started(const RequestFacts& facts, std::uint64_t revision) {
  change(facts, revision, [&](Bucket& bucket) {
    ++bucket.active;
    bucket.last_accessed = std::max(bucket.last_accessed, facts.started_at);
  });
}

void Totals::ended(const Ended& ended, const RequestFacts& started_as, std::uint64_t revision) {
  const Counters counters = counters_of(ended);
  change(started_as, revision, [](Bucket& bucket) { --bucket.active; });
  change(*ended.facts, revision, [&](Bucket& bucket) { add_ended(bucket, ended, counters); });
  if (ended.overhead > Micros(0)) overhead_.add(ended.overhead);
  if (!is_error(ended.outcome)) return;
  const std::string_view type =
      ended.error_type.empty() ? outcome_name(ended.outcome) : std::string_view(ended.error_type);
  auto found = error_counts_.find(type);
  if (found == error_counts_.end()) {
    const bool full = error_counts_.size() >= ErrorTypesMax;
    found = error_counts_.try_emplace(std::string(full ? Other : type), 0).first;
  }
  ++found->second;
}

void Totals::lost(const RequestFacts& facts, std::uint64_t revision) {
  change(facts, revision, [&](Bucket& bucket) {
    --bucket.active;
    add_lost(bucket, facts, +1);
  });
}

void Totals::found(const RequestFacts& facts, std::uint64_t revision) {
  change(facts, revision, [&](Bucket& bucket) {
    ++bucket.active;
    add_lost(bucket, facts, -1);
  });
}

void Totals::touch(std::uint64_t revision) {
  summary_.changed_at = revision;
  for (auto& [name, provider] : providers_) {
    provider.rollup.changed_at = revision;
    for (auto& [model, bucket] : provider.models) bucket.changed_at = revision;
  }
}

Totals::Buckets Totals::buckets_of(const RequestFacts& facts) {
  const auto [provider, model] = names_of(facts);
  if (model != model_of(facts)) ++capped_;
  const auto at = providers_.try_emplace(std::string(provider)).first;
  const auto [bucket, added] = at->second.models.try_emplace(std::string(model));
  if (added && model != Other) ++models_;
  return Buckets{&at->second, &bucket->second};
}

Totals::Names Totals::names_of(const RequestFacts& facts) const {
  const Names own{provider_of(facts), model_of(facts)};
  const auto at = providers_.find(own.provider);
  const bool known = at != providers_.end() && at->second.models.contains(own.model);
  if (known || models_ < models_max_) return own;
  return Names{at == providers_.end() ? Other : own.provider, Other};
}

std::string_view provider_of(const RequestFacts& facts) {
  return facts.provider.empty() ? Unknown : std::string_view(facts.provider);
}

bool names_its_provider(const RequestFacts& facts) {
  const std::string_view requested = facts.requested_model;
  const std::string_view provider = facts.provider;
  return !provider.empty() && requested.size() > provider.size() &&
         requested[provider.size()] == ':' && starts_with_ignoring_case(requested, provider);
}

std::string_view requested_without_provider(const RequestFacts& facts) {
  const std::string_view requested = facts.requested_model;
  return names_its_provider(facts) ? requested.substr(facts.provider.size() + 1) : requested;
}

std::string_view model_of(const RequestFacts& facts) {
  if (!facts.resolved_model.empty()) return facts.resolved_model;
  const std::string_view requested = requested_without_provider(facts);
  return requested.empty() ? Unknown : requested;
}

}  // namespace vdm::metrics
