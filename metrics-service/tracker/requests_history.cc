#include <algorithm>
#include <deque>
#include <utility>

#include <absl/container/flat_hash_map.h>

#include "metrics-service/tracker/contract_fields.h"
#include "metrics-service/tracker/lost_request.h"
#include "metrics-service/tracker/requests.h"

// What Requests takes from history and checkpoints, and what it writes into them.

namespace vdm::metrics {
namespace {

struct SavedLost {
  std::string id{};
  FactsPtr facts{};
  std::string instance{};

  template <class Self, class Archive>
  static void list_fields(Self& self, Archive& archive) {
    archive(1, self.id);
    archive(2, self.facts);
    archive(3, self.instance);
  }
};

bool has_facts(const std::deque<TracePtr>& traces) {
  return std::ranges::all_of(
      traces, [](const TracePtr& trace) { return trace->ended.facts && trace->proxy; });
}

using Traces = std::deque<TracePtr>;

/// The live traces, with numbers and a revision of their own behind the restored ones.
Traces merged(const Traces& now, const Traces& restored, std::uint64_t from_revision,
              std::uint64_t revision, std::uint64_t count, std::uint64_t error_count) {
  Traces all;
  const auto take = [&](const TracePtr& trace, std::uint64_t seqs, std::uint64_t error_seqs) {
    Trace copy = *trace;
    copy.seq += seqs;
    if (copy.error_seq > 0) copy.error_seq += error_seqs;
    copy.revision = revision;
    all.push_back(std::make_shared<const Trace>(std::move(copy)));
  };
  for (const TracePtr& trace : now) {
    if (trace->revision > from_revision) take(trace, count, error_count);
  }
  for (const TracePtr& trace : restored) take(trace, 0, 0);
  for (const TracePtr& trace : now) {
    if (trace->revision <= from_revision) all.push_back(trace);
  }
  return all;
}

}  // namespace

Requests::Restored::Restored(const Requests& now)
    : traces(now.options_.traces_max),
      errors(now.options_.errors_max),
      from_revision(now.journal_.revision()),
      trace_seq(now.trace_seq_),
      error_seq(now.error_seq_) {}

void Requests::begin_restore() { restored_ = std::make_unique<Restored>(*this); }

void Requests::finish_restore() {
  if (!restored_) return;
  const std::unique_ptr<Restored> rows = std::move(restored_);
  const std::uint64_t revision = journal_.next();
  const auto merge = [&](Recent<Trace>& into, const Recent<Trace>& restored) {
    into.replace(merged(into.items(), restored.items(), rows->from_revision, revision, rows->count,
                        rows->error_count));
  };
  merge(traces_, rows->traces);
  merge(errors_, rows->errors);
  trace_seq_ += rows->count;
  error_seq_ += rows->error_count;
  totals_.touch(revision);
}

void Requests::add_restored(const Instance& instance, WallTime at, Ended ended) {
  if (!restored_) return add_trace(instance, at, journal_.revision(), std::move(ended));
  const bool error = is_error(ended.outcome);
  Restored& rows = *restored_;
  ++rows.count;
  if (error) ++rows.error_count;
  const auto trace = std::make_shared<const Trace>(
      Trace{.seq = rows.trace_seq + rows.count,
            .error_seq = error ? rows.error_seq + rows.error_count : 0,
            .proxy = instance.proxy,
            .ended_at = at,
            .ended = std::move(ended)});
  rows.traces.add(trace);
  if (error) rows.errors.add(trace);
}

void Requests::restore_ended(Instance& instance, const Ended& ended, WallTime at) {
  const std::uint64_t revision = journal_.revision();
  const Settled settled = settle(instance, ended, revision);
  if (!settled.instance) return;
  if (settled.first_heard_of) {
    if (Second* second = series_.at(ended.facts->started_at, revision)) ++second->started;
  }
  if (Second* second = series_.at(at, revision)) {
    const ActiveRequest unknown;
    const ActiveRequest& was = settled.was ? *settled.was : unknown;
    ++second->ended;
    if (is_error(ended.outcome)) ++second->errors;
    const Usage& usage = ended.usage;
    second->input_tokens += usage.input_tokens - std::min(usage.input_tokens, was.input_in_series);
    second->output_tokens +=
        usage.output_tokens - std::min(usage.output_tokens, was.output_in_series);
  }
  add_restored(*settled.instance, at, ended);
}

void Requests::restore_lost(Instance& instance, const Lost& lost, WallTime at) {
  const std::string& id = lost.facts->request_id;
  if (lost_.contains(id) || closed_.contains(id)) return;
  const std::uint64_t revision = journal_.revision();
  Instance* of = &instance;
  if (const ActiveRequest* const active = active_.find(id)) {
    // It ran when the checkpoint was made, and its proxy was lost later. A proxy that is here again
    // says itself what runs.
    if (active->instance->state == ProxyState::Connected) return;
    of = active->instance;
    (void)active_.take(id);
    --of->active;
    of->active_hash ^= fnv1a_64(id);
  } else {
    ++of->started;
    totals_.started(*lost.facts, revision);
  }
  ++of->lost;
  totals_.lost(*lost.facts, revision);
  add_restored(*of, at, as_ended(lost, age_of(*lost.facts, at)));
  remember_lost(lost.facts, *of);
}

template <class Self, class Archive>
void Requests::list_sums(Self& self, Archive& archive) {
  archive(1, self.totals_);
  archive(2, self.series_);
  archive(3, self.closed_);
  archive(4, self.traces_);
  archive(5, self.errors_);
  archive(6, self.trace_seq_);
  archive(7, self.error_seq_);
  archive(8, self.overflow_);
}

void Requests::save(StateWriter& archive) const {
  list_sums(*this, archive);
  absl::flat_hash_map<const ActiveRequest*, std::uint64_t> places;
  active_.visit([&](const ActiveRequest& active) {
    places.emplace(&active, places.size());
    archive.message(9, [&] {
      ActiveRequest::list_fields(active, archive);
      archive(11, *active.instance->id);
    });
  });
  std::vector<std::uint64_t> silent;
  active_.visit_silent([&](const ActiveRequest& active) { silent.push_back(places.at(&active)); });
  archive(10, silent);
  for (const std::string& id : lost_order_) {
    SavedLost lost{.id = id};
    if (const auto at = lost_.find(id); at != lost_.end()) {
      lost.facts = at->second.facts;
      lost.instance = *at->second.instance->id;
    }
    archive.message(11, [&] { SavedLost::list_fields(std::as_const(lost), archive); });
  }
}

bool Requests::load(StateReader& archive, const FindInstance& find) {
  list_sums(*this, archive);
  bool whole = has_facts(traces_.items()) && has_facts(errors_.items());
  std::vector<ActiveRequest*> places;
  archive.each(9, [&](StateReader& row) {
    ActiveRequest read;
    std::string instance_id;
    ActiveRequest::list_fields(read, row);
    row(11, instance_id);
    Instance* const instance = find(instance_id);
    if (!instance || !read.facts || active_.contains(read.facts->request_id)) {
      whole = false;
      return;
    }
    ActiveRequest& active = active_.add(read.facts, *instance, read.changed_at);
    active.known_since = read.known_since;
    active.first_seen = read.first_seen;
    active.age_then = read.age_then;
    active.progress = std::move(read.progress);
    active.progressed_at = read.progressed_at;
    active.rate = read.rate;
    active.input_in_series = read.input_in_series;
    active.output_in_series = read.output_in_series;
    ++instance->active;
    instance->active_hash ^= fnv1a_64(active.facts->request_id);
    places.push_back(&active);
  });
  std::vector<std::uint64_t> silent;
  archive(10, silent);
  for (const std::uint64_t place : silent) {
    if (place < places.size()) active_.makes_tokens(*places[place]);
  }
  archive.each(11, [&](StateReader& row) {
    SavedLost lost;
    SavedLost::list_fields(lost, row);
    lost_order_.push_back(lost.id);
    Instance* const instance = find(lost.instance);
    if (lost.facts && instance) lost_[lost.id] = LostRequest{lost.facts, instance};
  });
  return whole && archive.ok();
}

}  // namespace vdm::metrics
