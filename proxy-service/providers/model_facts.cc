#include "proxy-service/providers/model_facts.h"

namespace vdm::proxy {
namespace {

void apply_figures(const FactsRow& row, ModelFacts& to) {
  const ModelFacts& from = row.facts;
  if (from.context_tokens) to.context_tokens = from.context_tokens;
  if (from.output_tokens_max) to.output_tokens_max = from.output_tokens_max;
  if (row.has_input) to.input = from.input;
  if (row.has_cache_ttl) to.cache_ttl_seconds = from.cache_ttl_seconds;
  if (!row.has_prices) return;
  to.prices = from.prices;
  to.price_tiers = from.price_tiers;
}

}  // namespace

void FactsRow::apply_to(ModelFacts& to, Part part) const {
  if (part == Part::Everything) apply_figures(*this, to);
  if (facts.request_bytes_max) to.request_bytes_max = facts.request_bytes_max;
  if (facts.prefers) to.prefers = facts.prefers;
  if (has_reasoning) to.reasoning = facts.reasoning;
  if (has_reasoning_request) to.reasoning_request = facts.reasoning_request;
  if (has_efforts) {
    to.efforts = facts.efforts;
    to.effort_off = facts.effort_off;
  }
  if (has_reasoning_history) to.reasoning_history = facts.reasoning_history;
  if (has_token_limit) to.token_limit = facts.token_limit;
  if (has_call_ids) to.call_ids = facts.call_ids;
  if (has_session_header) to.session_header = facts.session_header;
  for (const TraitName& name : TraitNames) {
    if (stated_traits.has(name.trait)) to.traits.set(name.trait, facts.traits.has(name.trait));
  }
}

}  // namespace vdm::proxy
