#include "proxy-service/convert/messages_to_chat/tools.h"

#include <set>
#include <string>

#include "proxy-service/convert/content/cache_mark.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/schema.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

using Names = std::set<std::string_view, std::less<>>;

/// Adds the tools that the client has loaded: a message calls them or has a tool_reference to them.
void find_loaded(const json::value& content, Names& loaded) {
  const json::array* blocks = content.if_array();
  if (blocks == nullptr) return;
  for (const json::value& value : *blocks) {
    const json::object* block = value.if_object();
    if (block == nullptr) continue;
    const std::string_view type = find_text(*block, "type");
    if (type == "tool_use") loaded.insert(find_text(*block, "name"));
    if (type == "tool_reference") loaded.insert(find_text(*block, "tool_name"));
    const json::value* inner = type == "tool_result" ? find(*block, "content") : nullptr;
    if (inner != nullptr) find_loaded(*inner, loaded);
  }
}

Names loaded_tools(const json::object& request) {
  Names loaded;
  if (const json::object* choice = find_object(request, "tool_choice")) {
    loaded.insert(find_text(*choice, "name"));
  }
  const json::array* messages = find_array(request, "messages");
  if (messages == nullptr) return loaded;
  for (const json::value& message : *messages) {
    const json::object* object = message.if_object();
    const json::value* content = object == nullptr ? nullptr : find(*object, "content");
    if (content != nullptr) find_loaded(*content, loaded);
  }
  return loaded;
}

bool is_tool_search(const json::object& tool) {
  return find_text(tool, "type").starts_with("tool_search_tool_");
}

/// Whether the client runs this tool. A tool of the provider's own has a dated type and no schema.
bool is_clients(const json::object& tool) {
  const std::string_view type = find_text(tool, "type");
  return type.empty() || type == "custom";
}

json::object openai_tool(const json::object& tool, const RequestOptions& options,
                         ToolNames& names) {
  json::object function;
  function.emplace("name", names.legal(find_text(tool, "name")));
  copy_member(tool, "description", function, "description");
  if (const json::value* schema = find(tool, "input_schema")) {
    json::value parameters = *schema;
    if (options.facts.has(Trait::WantsSchemaProperties)) add_properties(parameters);
    const bool may_be_strict =
        options.facts.has(Trait::TakesStrict) && is_strict_schema(parameters);
    function.emplace("parameters", std::move(parameters));
    if (may_be_strict) copy_member(tool, "strict", function, "strict");
  }
  json::object written;
  written.emplace("type", "function");
  written.emplace("function", std::move(function));
  copy_tool_cache_mark(tool, options.facts, written);
  return written;
}

Result<json::array> openai_tools(const json::object& request, const RequestOptions& options,
                                 ToolNames& names) {
  json::array written;
  const json::value* value = find(request, "tools");
  if (value == nullptr) return written;
  const FieldPath path("tools");
  const json::array* tools = value->if_array();
  if (tools == nullptr) return path.error("expected an array");

  const Names loaded = loaded_tools(request);
  bool provider_searches = false;
  for (std::size_t i = 0; i < tools->size(); ++i) {
    const json::object* tool = (*tools)[i].if_object();
    if (tool == nullptr) return path.element(i).error("expected an object");
    provider_searches = provider_searches || is_tool_search(*tool);
  }
  for (std::size_t i = 0; i < tools->size(); ++i) {
    const json::object& tool = (*tools)[i].get_object();
    const FieldPath tool_path = path.element(i);
    if (is_tool_search(tool)) continue;
    if (!is_clients(tool)) {
      return tool_path.member("type").error(
          std::string("expected a tool that the client runs, found ")
              .append(shown(find_text(tool, "type"))));
    }
    const std::string_view name = find_text(tool, "name");
    if (name.empty()) return tool_path.member("name").error("expected a string");
    const bool waits = find_true(tool, "defer_loading") && !provider_searches;
    if (waits && !loaded.contains(name)) continue;
    written.emplace_back(openai_tool(tool, options, names));
  }
  return written;
}

Result<json::value> openai_tool_choice(const json::object& choice, ToolNames& names) {
  const FieldPath path("tool_choice");
  const std::string_view type = find_text(choice, "type");
  if (type == "auto" || type == "none") return json::value(type);
  if (type == "any") return json::value("required");
  if (type != "tool") {
    return path.member("type").error("expected auto, any, tool or none");
  }
  const std::string_view name = find_text(choice, "name");
  if (name.empty()) return path.member("name").error("expected a string");
  json::object function;
  function.emplace("name", names.legal(name));
  json::object chosen;
  chosen.emplace("type", "function");
  chosen.emplace("function", std::move(function));
  return json::value(std::move(chosen));
}

}  // namespace

Result<void> put_openai_tools(const json::object& request, const RequestOptions& options,
                              ToolNames& names, json::object& out) {
  auto tools = openai_tools(request, options, names);
  if (!tools) return tools.error();
  // Without tools, OpenAI refuses tool_choice and parallel_tool_calls.
  if (tools->empty()) return {};
  out.emplace("tools", std::move(*tools));

  const json::value* value = find(request, "tool_choice");
  if (value == nullptr) return {};
  const json::object* choice = value->if_object();
  if (choice == nullptr) return FieldPath("tool_choice").error("expected an object");
  auto chosen = openai_tool_choice(*choice, names);
  if (!chosen) return chosen.error();
  out.emplace("tool_choice", std::move(*chosen));
  const bool one_at_a_time = find_true(*choice, "disable_parallel_tool_use");
  if (one_at_a_time && options.facts.has(Trait::TakesParallelToolCalls)) {
    out.emplace("parallel_tool_calls", false);
  }
  return {};
}

}  // namespace vdm::proxy
