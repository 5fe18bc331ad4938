#include "proxy-service/convert/chat_to_messages/tools.h"

#include <string>

#include "proxy-service/convert/content/cache_mark.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/schema.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

Result<json::object> anthropic_tool(const json::object& function, const FieldPath& path,
                                    const RequestOptions& options, ToolNames& names) {
  const std::string_view name = find_text(function, "name");
  if (name.empty()) return path.member("name").error("expected a string");
  json::object tool;
  tool.emplace("name", names.legal(name));
  copy_member(function, "description", tool, "description");
  const json::value* parameters = find(function, "parameters");
  // OpenAI allows a function without parameters to omit them, or to name no type of theirs.
  json::value schema =
      parameters == nullptr
          ? json::value(json::object{{"type", "object"}, {"properties", json::object()}})
          : *parameters;
  add_type(schema);
  const bool strict = options.facts.has(Trait::TakesStrict) && find_true(function, "strict");
  if (strict) forbid_other_properties(schema);  // Anthropic refuses a strict tool that is open
  tool.emplace("input_schema", std::move(schema));
  if (strict) tool.emplace("strict", true);
  return tool;
}

Result<void> append_tools(const json::array& tools, const RequestOptions& options, ToolNames& names,
                          json::array& written) {
  const FieldPath path("tools");
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const FieldPath tool_path = path.element(i);
    const json::object* tool = tools[i].if_object();
    const json::object* function = tool == nullptr ? nullptr : find_object(*tool, "function");
    if (function == nullptr) return tool_path.error("expected a function");
    auto converted = anthropic_tool(*function, tool_path.member("function"), options, names);
    if (!converted) return converted.error();
    copy_tool_cache_mark(*tool, options.facts, *converted);
    written.emplace_back(std::move(*converted));
  }
  return {};
}

Result<void> append_functions(const json::array& functions, const RequestOptions& options,
                              ToolNames& names, json::array& written) {
  const FieldPath path("functions");
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const json::object* function = functions[i].if_object();
    if (function == nullptr) return path.element(i).error("expected an object");
    auto converted = anthropic_tool(*function, path.element(i), options, names);
    if (!converted) return converted.error();
    written.emplace_back(std::move(*converted));
  }
  return {};
}

Result<json::object> choice_of_word(std::string_view word, const FieldPath& path) {
  json::object choice;
  if (word == "auto" || word == "none") {
    choice.emplace("type", word);
  } else if (word == "required") {
    choice.emplace("type", "any");
  } else {
    return path.error("expected auto, none, required or a function");
  }
  return choice;
}

/// Converts tool_choice ({"function":{"name"}} or a word) or function_call ({"name"} or a word).
Result<json::object> anthropic_choice(const json::value& chosen, const FieldPath& path,
                                      ToolNames& names) {
  if (const json::string* word = chosen.if_string()) return choice_of_word(*word, path);
  const json::object* object = chosen.if_object();
  if (object == nullptr) return path.error("expected a string or an object");
  const json::object* function = find_object(*object, "function");
  const std::string_view name = find_text(function == nullptr ? *object : *function, "name");
  if (name.empty()) return path.error("expected auto, none, required or a function");
  json::object choice;
  choice.emplace("type", "tool");
  choice.emplace("name", names.legal(name));
  return choice;
}

}  // namespace

Result<void> put_anthropic_tools(const json::object& request, const RequestOptions& options,
                                 ToolNames& names, json::object& out) {
  json::array written;
  if (const json::array* tools = find_array(request, "tools")) {
    const auto added = append_tools(*tools, options, names, written);
    if (!added) return added;
  }
  if (const json::array* functions = find_array(request, "functions")) {
    const auto added = append_functions(*functions, options, names, written);
    if (!added) return added;
  }
  if (written.empty()) return {};
  out.emplace("tools", std::move(written));

  json::object choice;
  for (const std::string_view name : {"tool_choice", "function_call"}) {
    const json::value* chosen = find(request, name);
    if (chosen == nullptr) continue;
    auto converted = anthropic_choice(*chosen, FieldPath(name), names);
    if (!converted) return converted.error();
    choice = std::move(*converted);
    break;
  }
  const json::value* parallel = find(request, "parallel_tool_calls");
  const bool one_at_a_time = parallel != nullptr && parallel->is_bool() && !parallel->get_bool();
  if (one_at_a_time && find_text(choice, "type") != "none") {
    if (choice.empty()) choice.emplace("type", "auto");
    choice.emplace("disable_parallel_tool_use", true);
  }
  if (!choice.empty()) out.emplace("tool_choice", std::move(choice));
  return {};
}

}  // namespace vdm::proxy
