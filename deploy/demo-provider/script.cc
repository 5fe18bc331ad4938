#include "deploy/demo-provider/script.h"

#include <algorithm>
#include <cctype>

#include <boost/json/serialize.hpp>

#include "common/base/digest.h"
#include "deploy/demo-provider/words.h"

namespace vdm::demo {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t ArgumentsMax = 32;
constexpr int SchemaDepthMax = 4;

ScriptedError fault_of(std::string_view model) {
  if (model == "demo-error-429") return ScriptedError::RateLimited;
  if (model == "demo-error-500") return ScriptedError::ServerError;
  if (model == "demo-error-529") return ScriptedError::Overloaded;
  if (model == "demo-cut") return ScriptedError::Cut;
  if (model == "demo-stall") return ScriptedError::Stall;
  for (const auto* known : {"demo-fast", "demo-chat", "demo-thinker", "demo-slow"}) {
    if (model == known) return ScriptedError::None;
  }
  // The provider serves any name without the prefix "demo-" as a chat model, so that one can try a
  // client that only sends its own model names.
  return model.rfind("demo-", 0) == 0 ? ScriptedError::UnknownModel : ScriptedError::None;
}

Pace pace_of(std::string_view model) {
  if (model == "demo-fast") return {.first_token = milliseconds(180), .per_token = milliseconds(9)};
  if (model == "demo-thinker") {
    return {.first_token = milliseconds(700), .per_token = milliseconds(22)};
  }
  if (model == "demo-slow") {
    return {.first_token = milliseconds(8000), .per_token = milliseconds(180)};
  }
  return {.first_token = milliseconds(450), .per_token = milliseconds(28)};
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Whether `text` contains `word` as a whole word.
bool mentions(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool starts = at == 0 || !is_word(text[at - 1]);
    const auto end = at + word.size();
    if (starts && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

std::vector<const Tool*> tools_to_call(const Call& call) {
  std::vector<const Tool*> chosen;
  if (call.tool_choice == ToolChoice::Never || !call.tool_result.empty()) return chosen;
  for (const Tool& tool : call.tools) {
    const bool wanted = call.tool_choice == ToolChoice::Named ? tool.name == call.named_tool
                                                              : mentions(call.asked, tool.name);
    if (wanted) chosen.push_back(&tool);
  }
  if (chosen.empty() && call.tool_choice == ToolChoice::Any && !call.tools.empty()) {
    chosen.push_back(&call.tools.front());
  }
  if (!call.parallel_tools && chosen.size() > 1) chosen.resize(1);
  return chosen;
}

std::string_view string_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

json::value value_for(std::string_view name, const json::value& schema, std::string_view asked,
                      int depth);

json::object object_for(const json::object& schema, std::string_view asked, int depth) {
  json::object out;
  const json::value* properties = schema.if_contains("properties");
  if (!properties || !properties->is_object() || depth > SchemaDepthMax) return out;
  for (const auto& [name, property] : properties->get_object()) {
    if (out.size() == ArgumentsMax) break;
    out[name] = value_for({name.data(), name.size()}, property, asked, depth + 1);
  }
  return out;
}

std::string word_for(std::string_view name, std::string_view asked) {
  for (const auto* place : {"city", "location", "place"}) {
    if (name != place) continue;
    for (const auto* city : {"Berlin", "Tokyo", "Lagos", "Lima", "Oslo"}) {
      if (asked.find(city) != std::string_view::npos) return city;
    }
    return "Paris";
  }
  if (name == "path" || name == "file_path") return "README.md";
  if (name == "command") return "date";
  if (name == "url") return "https://example.com/";
  return std::string(asked.substr(0, 60));
}

json::value value_for(std::string_view name, const json::value& schema, std::string_view asked,
                      int depth) {
  if (!schema.is_object()) return word_for(name, asked).c_str();
  const json::object& object = schema.get_object();
  const json::value* choices = object.if_contains("enum");
  if (choices && choices->is_array() && !choices->get_array().empty()) {
    return choices->get_array()[fnv1a_64(asked) % choices->get_array().size()];
  }
  const std::string_view type = string_in(object, "type");
  if (type == "integer") return 3;
  if (type == "number") return 21.5;
  if (type == "boolean") return true;
  if (type == "object") return object_for(object, asked, depth);
  if (type == "array") {
    const json::value* items = object.if_contains("items");
    json::array array;
    if (depth <= SchemaDepthMax) {
      array.push_back(value_for(name, items ? *items : json::value(), asked, depth + 1));
    }
    return array;
  }
  return json::value(json::string(word_for(name, asked)));
}

/// Cuts `tokens` to the `left` tokens that still fit and lowers `left`. True when all fitted.
bool fit(std::vector<std::string>& tokens, std::uint64_t& left) {
  if (tokens.size() <= left) {
    left -= tokens.size();
    return true;
  }
  tokens.resize(static_cast<std::size_t>(left));
  left = 0;
  return false;
}

void limit(Script& script, std::uint64_t max_tokens) {
  std::uint64_t left = max_tokens;
  script.at_limit = !fit(script.thinking, left) || !fit(script.text, left);
  for (ToolCall& tool : script.tool_calls) {
    script.at_limit = !fit(tool.argument_tokens, left) || script.at_limit;
  }
}

std::string text_for(const Call& call) {
  if (call.tool_result.empty()) return answer_to(call.asked);
  return "The tool says: " + call.tool_result.substr(0, 400) + "\n\n" + answer_to(call.asked);
}

}  // namespace

std::uint64_t Script::output_tokens() const {
  std::uint64_t count = thinking.size() + text.size();
  for (const ToolCall& call : tool_calls) count += call.argument_tokens.size();
  return count;
}

std::string arguments_for(const json::object& schema, std::string_view asked) {
  return json::serialize(object_for(schema, asked, 0));
}

Script script_for(const Call& call) {
  Script script;
  script.fault = fault_of(call.model);
  script.pace = pace_of(call.model);
  if (call.thinking) script.thinking = tokens_of(thoughts_about(call.asked));

  const auto tools = tools_to_call(call);
  for (const Tool* tool : tools) {
    script.tool_calls.push_back(
        {.name = tool->name,
         .argument_tokens = tokens_of(arguments_for(tool->schema, call.asked))});
  }
  script.text = tokens_of(tools.empty() ? text_for(call) : "Let me look that up.");
  limit(script, call.max_tokens);
  return script;
}

Usage PromptCache::usage(const Call& call, const Script& script) {
  Usage usage{.input = call.input_tokens,
              .cache_read = 0,
              .cache_creation = 0,
              .output = script.output_tokens(),
              .reasoning = script.thinking.size()};
  const bool caches = call.dialect == Dialect::OpenAi || call.cache_asked;
  if (!caches || call.prefix_tokens < TokensMin) return usage;

  const std::uint64_t hash = fnv1a_64(call.model + '\n' + call.prefix);
  const auto found = std::find(seen_.begin(), seen_.end(), hash);
  if (found != seen_.end()) {
    usage.cache_read = call.prefix_tokens;
    seen_.splice(seen_.begin(), seen_, found);
    return usage;
  }
  // OpenAI's usage has no field for tokens written to the cache.
  if (call.dialect == Dialect::Anthropic) usage.cache_creation = call.prefix_tokens;
  seen_.push_front(hash);
  if (seen_.size() > PrefixesMax) seen_.pop_back();
  return usage;
}

}  // namespace vdm::demo
