#include "proxy-service/convert/usage_json.h"

#include "proxy-service/body/json_index.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/wire_json.h"
#include "proxy-service/tap/usage.h"

namespace vdm::proxy {

namespace json = boost::json;

namespace {

/// The usage object, wherever providers put it: Moonshot in the first choice, Groq in a member of
/// its own.
const json::object* usage_object(const json::object& answer) {
  if (const json::object* usage = find_object(answer, "usage")) return usage;
  const json::array* choices = find_array(answer, "choices");
  const json::object* first =
      choices == nullptr || choices->empty() ? nullptr : choices->front().if_object();
  for (const json::object* place : {first, find_object(answer, "x_groq")}) {
    if (place == nullptr) continue;
    if (const json::object* usage = find_object(*place, "usage")) return usage;
  }
  return nullptr;
}

}  // namespace

Usage usage_in(const json::object& answer) {
  Usage usage;
  const json::object* object = usage_object(answer);
  if (object == nullptr) return usage;
  // This writes the object, a few hundred bytes, as text again: only the tap's reader has the
  // names.
  const std::string text = json_text(*object);
  JsonIndexer indexer;
  JsonWalk walk(text, indexer.index(text));
  ReportedUsage said;
  read_usage(walk, said);
  apply_input(said, usage);
  usage.output_tokens = said.output.value_or(0);
  return usage;
}

json::object anthropic_usage(const Usage& usage) {
  json::object written;
  written.emplace("input_tokens", usage.input_tokens);
  written.emplace("cache_creation_input_tokens", usage.cache_creation_tokens);
  written.emplace("cache_read_input_tokens", usage.cache_read_tokens);
  written.emplace("output_tokens", usage.output_tokens);
  if (usage.reasoning_tokens > 0) {
    written.emplace("output_tokens_details",
                    json::object{{"thinking_tokens", usage.reasoning_tokens}});
  }
  return written;
}

json::object openai_usage(const Usage& usage) {
  const std::uint64_t prompt =
      usage.input_tokens + usage.cache_creation_tokens + usage.cache_read_tokens;
  json::object cached{{"cached_tokens", usage.cache_read_tokens}};
  if (usage.cache_creation_tokens > 0) {
    cached.emplace("cache_write_tokens", usage.cache_creation_tokens);
  }
  json::object written;
  written.emplace("prompt_tokens", prompt);
  written.emplace("completion_tokens", usage.output_tokens);
  written.emplace("total_tokens", prompt + usage.output_tokens);
  written.emplace("prompt_tokens_details", std::move(cached));
  written.emplace("completion_tokens_details",
                  json::object{{"reasoning_tokens", usage.reasoning_tokens}});
  return written;
}

}  // namespace vdm::proxy
