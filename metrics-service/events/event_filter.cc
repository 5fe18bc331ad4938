#include "metrics-service/events/event_filter.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <vdm/metrics/v1/events.pb.h>

#include "metrics-service/filter/glob.h"
#include "metrics-service/tracker/figures/totals.h"
#include "proto/contract/event_codec.h"

namespace vdm::metrics {
namespace {

constexpr int EntriesMax = 32;

bool matches_text(const std::string& pattern, std::string_view text) {
  return pattern.empty() || matches_glob(pattern, text);
}

v1::EventKind kind_of(const LiveEvent& event) {
  // In the order of LiveEvent::Kind.
  constexpr v1::EventKind Kinds[] = {v1::EVENT_KIND_STARTED, v1::EVENT_KIND_PROGRESSED,
                                     v1::EVENT_KIND_ENDED,   v1::EVENT_KIND_LOST,
                                     v1::EVENT_KIND_GAP,     v1::EVENT_KIND_PROXY};
  static_assert(std::size(Kinds) == std::variant_size_v<LiveEvent::Kind>);
  return Kinds[event.kind.index()];
}

Error refuse(std::string_view field, std::string_view expected) {
  return Error{ErrorKind::InvalidRequest,
               "filter." + std::string(field) + ": expected " + std::string(expected)};
}

}  // namespace

Result<EventFilter> EventFilter::from(const v1::Filter& filter) {
  const std::pair<std::string_view, const std::string*> texts[] = {
      {"provider", &filter.provider()},
      {"model", &filter.model()},
      {"proxy", &filter.proxy()},
      {"client_label", &filter.client_label()}};
  for (const auto& [field, text] : texts) {
    if (text->size() > Caps::Text) return refuse(field, "at most 256 bytes");
  }
  if (filter.kinds_size() > EntriesMax) return refuse("kinds", "at most 32 entries");
  if (filter.outcomes_size() > EntriesMax) return refuse("outcomes", "at most 32 entries");

  EventFilter made;
  for (const int kind : filter.kinds()) {
    if (kind == v1::EVENT_KIND_UNSPECIFIED || !v1::EventKind_IsValid(kind)) {
      return refuse("kinds", "known values");
    }
    made.kinds_.push_back(kind);
  }
  for (const int outcome : filter.outcomes()) {
    if (outcome == v1::OUTCOME_UNSPECIFIED || !v1::Outcome_IsValid(outcome)) {
      return refuse("outcomes", "known values");
    }
    made.outcomes_.push_back(static_cast<Outcome>(outcome));
  }
  made.provider_ = filter.provider();
  made.model_ = filter.model();
  made.proxy_ = filter.proxy();
  made.client_label_ = filter.client_label();
  return made;
}

bool EventFilter::matches(const LiveEvent& event) const {
  if (!kinds_.empty() && std::ranges::find(kinds_, kind_of(event)) == kinds_.end()) return false;
  if (event.proxy && !matches_text(proxy_, *event.proxy)) return false;
  if (!matches_facts(event.facts.get())) return false;
  if (const auto* ended = std::get_if<Ended>(&event.kind)) return matches_outcome(ended->outcome);
  if (std::holds_alternative<Lost>(event.kind)) return matches_outcome(Outcome::Lost);
  return outcomes_.empty();
}

bool EventFilter::selects_kept_only() const {
  if (!outcomes_.empty()) return true;  // nothing else than what is over has one
  constexpr int Kept[] = {v1::EVENT_KIND_ENDED, v1::EVENT_KIND_LOST, v1::EVENT_KIND_GAP};
  return !kinds_.empty() && std::ranges::all_of(kinds_, [&](int kind) {
    return std::ranges::find(Kept, kind) != std::end(Kept);
  });
}

bool EventFilter::matches(const ActiveView& active) const {
  return matches_text(proxy_, active.proxy) && matches_facts(active.facts.get());
}

bool EventFilter::matches(const Trace& trace) const {
  return (!trace.proxy || matches_text(proxy_, *trace.proxy)) &&
         matches_facts(trace.ended.facts.get()) && matches_outcome(trace.ended.outcome);
}

bool EventFilter::matches(const ProxyView& proxy) const {
  return matches_text(proxy_, proxy.proxy);
}

bool EventFilter::matches_facts(const RequestFacts* facts) const {
  // An event that belongs to no request has no model, so a filter on a model leaves it out.
  if (facts == nullptr) return provider_.empty() && model_.empty() && client_label_.empty();
  const bool model = model_.empty() || matches_glob(model_, model_of(*facts)) ||
                     matches_glob(model_, facts->requested_model);
  return model && matches_text(provider_, provider_of(*facts)) &&
         matches_text(client_label_, facts->client_label);
}

bool EventFilter::matches_outcome(Outcome outcome) const {
  return outcomes_.empty() || std::ranges::find(outcomes_, outcome) != outcomes_.end();
}

}  // namespace vdm::metrics
