#include "proxy-service/convert/chat_to_messages/messages.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "common/base/text.h"
#include "proxy-service/convert/chat/reasoning_details.h"
#include "proxy-service/convert/chat_to_messages/parts.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/raw_arguments.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

/// Makes an id legal for Anthropic, which accepts letters, digits, _ and -. The ids of a call and
/// of its result change alike, so they still match.
std::string legal_id(std::string_view id) {
  std::string legal(id);
  for (char& c : legal) {
    const bool is_legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!is_legal) c = '_';
  }
  return legal;
}

/// Anthropic refuses a cache mark inside a tool's result; it stands on the result itself.
void lift_cache_mark(json::array& inner, json::object& result) {
  for (json::value& value : inner) {
    json::object& block = value.get_object();
    if (const json::value* mark = find(block, "cache_control")) result["cache_control"] = *mark;
    block.erase("cache_control");
  }
}

/// Converts one request's messages in order.
class Conversation {
 public:
  Conversation(const RequestOptions& options, ToolNames& names)
      : options_(options), names_(names) {}

  Result<void> add(const json::object& message, const FieldPath& path) {
    const std::string_view role = find_text(message, "role");
    if (role == "system" || role == "developer") return add_system(message, path);
    if (role == "user") return add_user(message, path);
    if (role == "assistant") return add_assistant(message, path);
    if (role == "tool" || role == "function") return add_result(message, path);
    return path.member("role").error(
        "expected system, developer, user, assistant, tool or function");
  }

  AnthropicMessages take() && { return std::move(written_); }

 private:
  static const json::value& content_of(const json::object& message) {
    static const json::value none;
    const json::value* content = message.if_contains("content");
    return content == nullptr ? none : *content;
  }

  Result<void> add_system(const json::object& message, const FieldPath& path) {
    const FieldPath content_path = path.member("content");
    json::array blocks;
    const auto added = append_blocks(content_of(message), content_path, options_.facts, blocks);
    if (!added) return added;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (find_text(blocks[i].get_object(), "type") != "text") {
        return content_path.element(i).error("expected text");
      }
    }
    if (written_.messages.empty()) {
      append(std::move(blocks), written_.system);
    } else if (options_.facts.has(Trait::TakesSystemTurns)) {
      if (blocks.size() == 1 && add_plain_text(message, "system")) return {};
      append(std::move(blocks), turn("system"));
    } else {
      append_as_user_text(blocks);
    }
    return {};
  }

  void append_as_user_text(const json::array& blocks) {
    json::array& content = turn("user");
    for (const json::value& block : blocks) {
      json::string text("<system>\n");
      text.append(find_text(block.get_object(), "text")).append("\n</system>");
      content.emplace_back(text_block(text));
    }
  }

  Result<void> add_user(const json::object& message, const FieldPath& path) {
    if (add_plain_text(message, "user")) return {};
    json::array blocks;
    const auto added =
        append_blocks(content_of(message), path.member("content"), options_.facts, blocks);
    if (!added) return added;
    append(std::move(blocks), turn("user"));
    return {};
  }

  Result<void> add_assistant(const json::object& message, const FieldPath& path) {
    json::array blocks;
    for (json::value& block : thinking_blocks(message)) {
      if (is_signed(block.get_object())) blocks.emplace_back(std::move(block));
    }
    const bool has_thinking = !blocks.empty();
    const auto added =
        append_blocks(content_of(message), path.member("content"), options_.facts, blocks);
    if (!added) return added;
    if (const auto refusal = find_text(message, "refusal"); !refusal.empty()) {
      blocks.emplace_back(text_block(refusal));
    }
    const std::size_t before_calls = blocks.size();
    if (const auto calls = append_calls(message, path, blocks); !calls) return calls;
    written_.continues_without_thinking = blocks.size() > before_calls && !has_thinking;
    if (blocks.size() == 1 && add_plain_text(message, "assistant")) return {};
    append(std::move(blocks), turn("assistant"));
    return {};
  }

  Result<void> append_calls(const json::object& message, const FieldPath& path,
                            json::array& blocks) {
    if (const json::array* calls = find_array(message, "tool_calls")) {
      const FieldPath calls_path = path.member("tool_calls");
      for (std::size_t i = 0; i < calls->size(); ++i) {
        const FieldPath call_path = calls_path.element(i);
        const json::object* call = (*calls)[i].if_object();
        const json::object* function = call == nullptr ? nullptr : find_object(*call, "function");
        if (function == nullptr) return call_path.member("function").error("expected an object");
        const std::string_view id = find_text(*call, "id");
        if (id.empty()) return call_path.member("id").error("expected a string");
        blocks.emplace_back(call_block(legal_id(id), *function));
      }
      return {};
    }
    // The old form has one function_call per message instead of tool_calls, and no id.
    if (const json::object* function = find_object(message, "function_call")) {
      last_function_id_ = "call_" + std::to_string(++function_calls_);
      blocks.emplace_back(call_block(last_function_id_, *function));
    }
    return {};
  }

  json::object call_block(std::string_view id, const json::object& function) {
    json::object block;
    block.emplace("type", "tool_use");
    block.emplace("id", id);
    block.emplace("name", names_.legal(find_text(function, "name")));
    block.emplace("input", arguments_object(find_text(function, "arguments")));
    return block;
  }

  Result<void> add_result(const json::object& message, const FieldPath& path) {
    const std::string_view role = find_text(message, "role");
    const std::string_view given = find_text(message, "tool_call_id");
    const std::string id = role == "function" ? last_function_id_ : legal_id(given);
    if (id.empty()) {
      return role == "function"
                 ? path.member("role").error("expected a function_call before a result of it")
                 : path.member("tool_call_id").error("expected a string");
    }
    const FieldPath content_path = path.member("content");
    json::object block;
    block.emplace("type", "tool_result");
    block.emplace("tool_use_id", id);
    const json::value& content = content_of(message);
    if (content.is_string()) {
      block.emplace("content", content);
    } else {
      json::array blocks;
      const auto added = append_blocks(content, content_path, options_.facts, blocks);
      if (!added) return added;
      lift_cache_mark(blocks, block);
      json::array kept;
      append(std::move(blocks), kept);
      block.emplace("content", std::move(kept));
    }
    // Anthropic requires that a turn's tool results come first in the message.
    json::array& turn_content = turn("user");
    const auto first_other = std::ranges::find_if(turn_content, [](const json::value& value) {
      return find_text(value.get_object(), "type") != "tool_result";
    });
    turn_content.insert(first_other, std::move(block));
    return {};
  }

  bool last_is(std::string_view role) const {
    const json::array& messages = written_.messages;
    return !messages.empty() && find_text(messages.back().get_object(), "role") == role;
  }

  /// Writes the content as a string when the message begins a turn and has nothing but a text.
  bool add_plain_text(const json::object& message, std::string_view role) {
    const json::string* text = find_string(message, "content");
    if (text == nullptr || is_blank(*text) || last_is(role)) return false;
    json::object turn;
    turn.emplace("role", role);
    turn.emplace("content", *text);
    written_.messages.emplace_back(std::move(turn));
    return true;
  }

  /// The blocks of the last message if it has that role, else those of a new message.
  json::array& turn(std::string_view role) {
    if (!last_is(role)) {
      json::object message;
      message.emplace("role", role);
      message.emplace("content", json::array());
      written_.messages.emplace_back(std::move(message));
    }
    json::value& content = written_.messages.back().get_object()["content"];
    if (const json::string* text = content.if_string()) {
      json::array blocks;
      blocks.emplace_back(text_block(*text));
      content = std::move(blocks);
    }
    return content.get_array();
  }

  /// Anthropic refuses a text that is blank, so such blocks are left out.
  static void append(json::array blocks, json::array& to) {
    for (json::value& block : blocks) {
      const json::object& object = block.get_object();
      if (find_text(object, "type") == "text" && is_blank(find_text(object, "text"))) continue;
      to.emplace_back(std::move(block));
    }
  }

  const RequestOptions& options_;
  ToolNames& names_;
  AnthropicMessages written_;
  std::string last_function_id_;
  int function_calls_ = 0;
};

bool is_empty_turn(const json::value& message) {
  const json::array* content = find_array(message.get_object(), "content");
  return content != nullptr && content->empty();
}

}  // namespace

Result<AnthropicMessages> anthropic_messages(const json::object& request,
                                             const RequestOptions& options, ToolNames& names) {
  const FieldPath path("messages");
  const json::array* messages = find_array(request, "messages");
  if (messages == nullptr) return path.error("expected an array");
  Conversation conversation(options, names);
  for (std::size_t i = 0; i < messages->size(); ++i) {
    const json::object* message = (*messages)[i].if_object();
    if (message == nullptr) return path.element(i).error("expected an object");
    const auto added = conversation.add(*message, path.element(i));
    if (!added) return added.error();
  }
  AnthropicMessages written = std::move(conversation).take();
  json::array& kept = written.messages;
  kept.erase(std::remove_if(kept.begin(), kept.end(), is_empty_turn), kept.end());
  if (kept.empty()) return path.error("expected at least one message of a user");
  return written;
}

}  // namespace vdm::proxy
