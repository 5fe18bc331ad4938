#include "proxy-service/providers/facts_writer.h"

#include <string_view>

#include <boost/json/array.hpp>

namespace vdm::proxy {
namespace {

namespace json = boost::json;

json::string_view text(std::string_view word) { return {word.data(), word.size()}; }

std::string_view word_of(Effort effort) {
  constexpr std::string_view Words[] = {"minimal", "low", "medium", "high", "xhigh", "max"};
  return Words[static_cast<std::size_t>(effort)];
}

std::string_view word_of(Reasoning reasoning) {
  constexpr std::string_view Words[] = {"none", "switch", "effort", "budget", "adaptive"};
  return Words[static_cast<std::size_t>(reasoning)];
}

std::string_view word_of(ReasoningRequest request) {
  constexpr std::string_view Words[] = {"reasoning_effort", "reasoning", "reasoning_enabled",
                                        "enable_thinking",  "thinking",  "chat_template_args"};
  return Words[static_cast<std::size_t>(request)];
}

std::string_view word_of(ReasoningHistory history) {
  constexpr std::string_view Words[] = {"omit", "content", "details"};
  return Words[static_cast<std::size_t>(history)];
}

void put_price(std::string_view name, const std::optional<double>& price, json::object& to) {
  if (price) to.emplace(text(name), *price);
}

json::object prices_json(const Prices& prices) {
  json::object out;
  put_price("input", prices.input, out);
  put_price("output", prices.output, out);
  put_price("cache_read", prices.cache_read, out);
  put_price("cache_write", prices.cache_write, out);
  return out;
}

void put_figures(const ModelFacts& facts, json::object& out) {
  if (facts.context_tokens) out.emplace("context_tokens", *facts.context_tokens);
  if (facts.output_tokens_max) out.emplace("output_tokens_max", *facts.output_tokens_max);
  if (facts.request_bytes_max) out.emplace("request_bytes_max", *facts.request_bytes_max);
  if (!facts.input.empty())
    out.emplace("input", json::array(facts.input.begin(), facts.input.end()));
  json::object prices = prices_json(facts.prices);
  json::array above;
  for (const PriceTier& tier : facts.price_tiers) {
    json::object each = prices_json(tier.prices);
    each.emplace("input_tokens", tier.above_input_tokens);
    above.push_back(std::move(each));
  }
  if (!above.empty()) prices.emplace("above", std::move(above));
  if (!prices.empty()) out.emplace("usd_per_million", std::move(prices));
  if (facts.cache_ttl_seconds.empty()) return;
  out.emplace("cache_ttl_seconds",
              json::array(facts.cache_ttl_seconds.begin(), facts.cache_ttl_seconds.end()));
}

}  // namespace

std::string_view word_of(DoorDialect dialect) {
  constexpr std::string_view Words[] = {"messages", "chat", "responses"};
  return Words[static_cast<std::size_t>(dialect)];
}

json::object facts_row_json(const ModelFacts& facts) {
  json::object out;
  out.emplace("reasoning", text(word_of(facts.reasoning)));
  if (!facts.efforts.empty() || !facts.effort_off.empty()) {
    json::object efforts;
    for (const EffortWord& each : facts.efforts)
      efforts.emplace(text(word_of(each.effort)), each.word);
    if (!facts.effort_off.empty()) efforts.emplace("off", facts.effort_off);
    out.emplace("efforts", std::move(efforts));
  }
  out.emplace("reasoning_request", text(word_of(facts.reasoning_request)));
  json::object takes;
  json::object wants;
  for (const TraitName& name : TraitNames) {
    (name.group == "takes" ? takes : wants).emplace(text(name.word), facts.has(name.trait));
  }
  const bool classic = facts.token_limit == TokenLimit::MaxTokens;
  wants.emplace("token_limit", classic ? "max_tokens" : "max_completion_tokens");
  wants.emplace("reasoning_history", text(word_of(facts.reasoning_history)));
  wants.emplace("call_ids", facts.call_ids == CallIds::Any ? "any" : "nine_alphanumerics");
  if (!facts.session_header.empty()) wants.emplace("session_header", facts.session_header);
  out.emplace("takes", std::move(takes));
  out.emplace("wants", std::move(wants));
  if (facts.prefers) out.emplace("prefers", text(word_of(*facts.prefers)));
  put_figures(facts, out);
  return out;
}

}  // namespace vdm::proxy
