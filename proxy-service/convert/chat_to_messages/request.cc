#include "proxy-service/convert/chat_to_messages/request.h"

#include <algorithm>
#include <optional>

#include "common/base/text.h"
#include "proxy-service/convert/chat_to_messages/messages.h"
#include "proxy-service/convert/chat_to_messages/tools.h"
#include "proxy-service/convert/effort.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/schema.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

Result<std::int64_t> max_tokens(const json::object& request, const RequestOptions& options) {
  for (const std::string_view name : {"max_completion_tokens", "max_tokens"}) {
    const json::value* limit = find(request, name);
    if (limit == nullptr) continue;
    if (!limit->is_int64()) return FieldPath(name).error("expected an integer");
    return within_output_limit(limit->get_int64(), options.facts);
  }
  return within_output_limit(options.max_tokens, options.facts);
}

Result<void> refuse_what_cannot_be(const json::object& request) {
  const json::value* count = find(request, "n");
  if (count != nullptr && !(count->is_int64() && count->get_int64() == 1)) {
    return FieldPath("n").error("expected 1: the target's dialect has one answer a request");
  }
  if (find(request, "audio") != nullptr) {
    return FieldPath("audio").error("expected none: the target's dialect has no audio");
  }
  return {};
}

/// Anthropic refuses a stop sequence that is blank.
void add_stop(const json::value& stop, json::array& stops) {
  const json::string* text = stop.if_string();
  if (text == nullptr || !is_blank(*text)) stops.emplace_back(stop);
}

Result<void> put_stops(const json::object& request, json::object& out) {
  const json::value* stop = find(request, "stop");
  if (stop == nullptr) return {};
  json::array stops;
  if (stop->is_string()) {
    add_stop(*stop, stops);
  } else if (const json::array* several = stop->if_array()) {
    for (const json::value& each : *several) add_stop(each, stops);
  } else {
    return FieldPath("stop").error("expected a string or an array");
  }
  if (!stops.empty()) out.emplace("stop_sequences", std::move(stops));
  return {};
}

/// The effort asked for: reasoning_effort, or OpenRouter's reasoning: {effort}.
std::string_view chat_effort(const json::object& request) {
  if (const auto effort = find_text(request, "reasoning_effort"); !effort.empty()) return effort;
  const json::object* reasoning = find_object(request, "reasoning");
  return reasoning == nullptr ? std::string_view() : find_text(*reasoning, "effort");
}

std::optional<std::int64_t> wanted_budget(const json::object& request, std::string_view effort) {
  if (const json::object* reasoning = find_object(request, "reasoning")) {
    const json::value* tokens = find(*reasoning, "max_tokens");
    if (tokens != nullptr && tokens->is_int64()) return tokens->get_int64();
  }
  if (effort.empty()) return std::nullopt;
  return budget_of_effort(effort);
}

/// The thinking member, empty for none. Anthropic refuses thinking when the request forces a tool,
/// and in the middle of a turn that began without it. It counts thinking in max_tokens.
json::object thinking(const json::object& request, const RequestOptions& options,
                      const json::object& out, bool continues_without_thinking) {
  constexpr std::int64_t BudgetMin = 1024;
  json::object written;
  const std::string_view effort = chat_effort(request);
  const json::object* choice = find_object(out, "tool_choice");
  const std::string_view chosen = choice == nullptr ? "" : find_text(*choice, "type");
  const bool is_forced = chosen == "any" || chosen == "tool";
  if (effort == "none" || is_forced || continues_without_thinking) return written;
  if (options.facts.reasoning == Reasoning::Adaptive && !effort.empty()) {
    written.emplace("type", "adaptive");
  } else if (options.facts.reasoning == Reasoning::Budget) {
    const auto wanted = wanted_budget(request, effort);
    if (!wanted) return written;
    // At most half of max_tokens, so that the other half is left for the answer.
    const std::int64_t budget = std::min(*wanted, out.at("max_tokens").as_int64() / 2);
    if (budget < BudgetMin) return written;
    written.emplace("type", "enabled");
    written.emplace("budget_tokens", budget);
  }
  return written;
}

/// Anthropic refuses the sampling members with thinking enabled, and a temperature above 1; its
/// newer models refuse them altogether, or temperature and top_p together.
void put_sampling(const json::object& request, const RequestOptions& options, bool thinks,
                  json::object& out) {
  if (thinks || !options.facts.has(Trait::TakesSampling)) return;
  copy_member(request, "temperature", out, "temperature");
  json::value* temperature = out.if_contains("temperature");
  if (temperature != nullptr && temperature->is_number() && temperature->to_number<double>() > 1) {
    *temperature = 1;
  }
  const bool takes_both = options.facts.has(Trait::TakesTemperatureWithTopP);
  if (temperature == nullptr || takes_both) copy_member(request, "top_p", out, "top_p");
  copy_member(request, "top_k", out, "top_k");
}

const json::value* wanted_schema(const json::object& request) {
  const json::object* format = find_object(request, "response_format");
  const json::object* named = format == nullptr ? nullptr : find_object(*format, "json_schema");
  return named == nullptr ? nullptr : find(*named, "schema");
}

void put_output_config(const json::object& request, const RequestOptions& options, bool thinks,
                       json::object& out) {
  json::object config;
  if (thinks && options.facts.reasoning == Reasoning::Adaptive) {
    const auto effort = accepted_effort(chat_effort(request), options.facts.efforts);
    if (!effort.empty()) config.emplace("effort", effort);
  }
  const json::value* schema = wanted_schema(request);
  if (schema != nullptr && options.facts.has(Trait::TakesStrict)) {
    json::object format;
    format.emplace("type", "json_schema");
    json::value closed = *schema;
    forbid_other_properties(closed);  // Anthropic refuses an output schema that is open
    format.emplace("schema", std::move(closed));
    config.emplace("format", std::move(format));
  }
  if (!config.empty()) out.emplace("output_config", std::move(config));
}

void put_metadata(const json::object& request, json::object& out) {
  for (const std::string_view name : {"safety_identifier", "user"}) {
    const std::string_view user = find_text(request, name);
    if (user.empty()) continue;
    json::object metadata;
    metadata.emplace("user_id", user);
    out.emplace("metadata", std::move(metadata));
    return;
  }
}

void put_messages_tier(const json::object& request, json::object& out) {
  const std::string_view tier = find_text(request, "service_tier");
  if (tier == "auto") out.emplace("service_tier", "auto");
  if (tier == "default") out.emplace("service_tier", "standard_only");
}

/// Writes a single block that has only a text as a string.
void put_system(json::array system, json::object& out) {
  if (system.empty()) return;
  json::object& first = system.front().get_object();
  if (system.size() == 1 && first.size() == 2) {
    out.emplace("system", std::move(first["text"]));
  } else {
    out.emplace("system", std::move(system));
  }
}

}  // namespace

Result<json::object> request_chat_to_messages(const json::object& request,
                                              const RequestOptions& options, ToolNames& names) {
  if (const auto possible = refuse_what_cannot_be(request); !possible) return possible.error();
  // The tools come before the messages, so that ToolNames sees the declared names first and changes
  // those least.
  json::object tools;
  if (const auto put = put_anthropic_tools(request, options, names, tools); !put) {
    return put.error();
  }
  auto conversation = anthropic_messages(request, options, names);
  if (!conversation) return conversation.error();
  const auto limit = max_tokens(request, options);
  if (!limit) return limit.error();

  json::object out;
  out.emplace("model", options.model);
  put_system(std::move(conversation->system), out);
  out.emplace("messages", std::move(conversation->messages));
  out.emplace("max_tokens", *limit);
  if (const auto put = put_stops(request, out); !put) return put.error();
  if (find_true(request, "stream")) out.emplace("stream", true);
  for (json::key_value_pair& member : tools) out.emplace(member.key(), std::move(member.value()));
  json::object thought = thinking(request, options, out, conversation->continues_without_thinking);
  const bool thinks = !thought.empty();
  if (thinks) out.emplace("thinking", std::move(thought));
  put_sampling(request, options, thinks, out);
  put_output_config(request, options, thinks, out);
  put_metadata(request, out);
  put_messages_tier(request, out);
  return out;
}

}  // namespace vdm::proxy
