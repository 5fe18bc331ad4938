#include "proxy-service/convert/messages_to_chat/messages.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "common/base/text.h"
#include "proxy-service/convert/chat/reasoning_details.h"
#include "proxy-service/convert/content/cache_mark.h"
#include "proxy-service/convert/content/call_id.h"
#include "proxy-service/convert/content/thought_signature.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/raw_arguments.h"
#include "proxy-service/convert/messages_to_chat/parts.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

json::object message_of(std::string_view role, json::value content) {
  json::object message;
  message.emplace("role", role);
  message.emplace("content", std::move(content));
  return message;
}

/// Removes the line for Anthropic's billing with which Claude Code begins the system text. It
/// differs in every request, so a provider's prompt cache would never match.
std::string_view without_billing(std::string_view text) {
  if (!text.starts_with("x-anthropic-billing-header:")) return text;
  const auto line_end = text.find('\n');
  return line_end == std::string_view::npos ? std::string_view() : text.substr(line_end + 1);
}

/// The system text of either form, a string or blocks, as text parts. A part keeps its block's
/// cache mark.
Result<json::array> system_parts(const json::value& system, const FieldPath& path,
                                 const ModelFacts& facts) {
  json::array parts;
  if (const json::string* text = system.if_string()) {
    if (const auto kept = without_billing(*text); !kept.empty())
      parts.emplace_back(text_part(kept));
    return parts;
  }
  const json::array* blocks = system.if_array();
  if (blocks == nullptr) return path.error("expected a string or an array");
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    const json::object* block = (*blocks)[i].if_object();
    const json::string* text = block == nullptr ? nullptr : find_string(*block, "text");
    if (text == nullptr) return path.element(i).error("expected a text block");
    const std::string_view kept = without_billing(*text);
    if (kept.empty()) continue;
    json::object part = text_part(kept);
    copy_cache_mark(*block, facts, part);
    parts.emplace_back(std::move(part));
  }
  return parts;
}

bool is_marked(const json::value& part) { return has_cache_mark(part.get_object()); }

/// Text parts as one text, with a blank line between.
json::string joined(const json::array& parts) {
  json::string text;
  for (const json::value& part : parts) {
    if (!text.empty()) text.append("\n\n");
    text.append(find_text(part.get_object(), "text"));
  }
  return text;
}

/// Collects an assistant's message block by block.
class AssistantMessage {
 public:
  AssistantMessage(const RequestOptions& options, ToolNames& names)
      : options_(options), names_(names) {}

  Result<void> add(const json::object& block, const FieldPath& path) {
    const std::string_view type = find_text(block, "type");
    if (type == "text") return add_text(block, path);
    if (type == "tool_use") return add_call(block, path);
    if (type == "thinking") add_thinking(block);
    if (type == "redacted_thinking") details_.emplace_back(encrypted_detail(block));
    // Other providers cannot use the blocks of tools that Anthropic ran, so they are left out. The
    // text that the model wrote from them stays.
    return {};
  }

  /// Appends the message, or nothing when no block had a counterpart.
  void append_to(json::array& messages) && {
    const ReasoningHistory wanted = options_.facts.reasoning_history;
    // A model that wants its thoughts back refuses a call without them, even if it had none.
    const bool has_reasoning =
        (wanted == ReasoningHistory::Content && !(reasoning_.empty() && calls_.empty())) ||
        (wanted == ReasoningHistory::Details && !details_.empty());
    // Some models refuse a blank text.
    const bool has_text = !is_blank(text_);
    if (!has_text && calls_.empty() && !has_reasoning) return;
    json::value content(nullptr);
    if (has_text || calls_.empty()) content = std::move(text_);
    json::object message = message_of("assistant", std::move(content));
    if (has_reasoning && wanted == ReasoningHistory::Content) {
      message.emplace("reasoning_content", std::move(reasoning_));
    } else if (has_reasoning) {
      message.emplace("reasoning_details", std::move(details_));
    }
    if (!calls_.empty()) message.emplace("tool_calls", std::move(calls_));
    messages.emplace_back(std::move(message));
  }

 private:
  Result<void> add_text(const json::object& block, const FieldPath& path) {
    const json::string* text = find_string(block, "text");
    if (text == nullptr) return path.member("text").error("expected a string");
    if (text->empty()) return {};
    // Anthropic splits a sentence into several blocks at its citations; any other block is a
    // paragraph.
    const bool has_citations = find(block, "citations") != nullptr;
    if (!text_.empty() && !(has_citations || after_citation_)) text_.append("\n\n");
    text_.append(*text);
    after_citation_ = has_citations;
    return {};
  }

  Result<void> add_call(const json::object& block, const FieldPath& path) {
    const std::string_view name = find_text(block, "name");
    if (name.empty()) return path.member("name").error("expected a string");
    const json::value* input = block.if_contains("input");
    json::object function;
    function.emplace("name", names_.legal(name));
    function.emplace("arguments", input == nullptr ? "{}" : arguments_text(*input));
    SignedId id = split_signed_id(find_text(block, "id"));
    json::object call;
    call.emplace("id", call_id_for(id.id, options_.facts.call_ids));
    call.emplace("type", "function");
    call.emplace("function", std::move(function));
    if (options_.facts.has(Trait::WantsThoughtSignatures) && !id.extra_content.empty()) {
      call.emplace("extra_content", std::move(id.extra_content));
    }
    calls_.emplace_back(std::move(call));
    return {};
  }

  void add_thinking(const json::object& block) {
    if (!reasoning_.empty()) reasoning_.append("\n\n");
    reasoning_.append(find_text(block, "thinking"));
    // A target that accepts reasoning_details checks signatures, and refuses a block without one.
    if (is_signed(block)) details_.emplace_back(text_detail(block));
  }

  const RequestOptions& options_;
  ToolNames& names_;
  json::string text_;
  bool after_citation_ = false;
  json::string reasoning_;
  json::array details_;
  json::array calls_;
};

/// Converts one request's messages in order.
class Messages {
 public:
  Messages(const RequestOptions& options, ToolNames& names) : options_(options), names_(names) {}

  Result<void> add_system(const json::value& system, const FieldPath& path) {
    auto parts = system_parts(system, path, options_.facts);
    if (!parts) return parts.error();
    if (parts->empty()) return {};
    if (!written_.empty() && !options_.facts.has(Trait::TakesSystemTurns)) {
      json::string tagged("<system>\n");
      tagged.append(joined(*parts)).append("\n</system>");
      append_user(std::move(tagged));
    } else if (std::ranges::any_of(*parts, is_marked)) {
      written_.emplace_back(message_of("system", std::move(*parts)));
    } else {
      written_.emplace_back(message_of("system", joined(*parts)));
    }
    return {};
  }

  Result<void> add(const json::object& message, const FieldPath& path) {
    const std::string_view role = find_text(message, "role");
    const FieldPath content_path = path.member("content");
    const json::value* content = find(message, "content");
    if (content == nullptr) return content_path.error("expected a string or an array");
    if (role == "system") return add_system(*content, content_path);
    if (role != "user" && role != "assistant") {
      return path.member("role").error("expected user, assistant or system");
    }
    if (content->is_string()) {
      if (role == "user") {
        append_user(*content);
      } else if (!is_blank(content->get_string())) {
        written_.emplace_back(message_of(role, *content));
      }
      return {};
    }
    const json::array* blocks = content->if_array();
    if (blocks == nullptr) return content_path.error("expected a string or an array");
    return role == "user" ? add_user(*blocks, content_path) : add_assistant(*blocks, content_path);
  }

  json::array take() { return std::move(written_); }

 private:
  /// Some models take no user's message right after a tool's result.
  void append_user(json::value content) {
    const bool after_tool =
        !written_.empty() && find_text(written_.back().get_object(), "role") == "tool";
    if (after_tool && options_.facts.has(Trait::WantsAssistantAfterTool)) {
      written_.emplace_back(message_of("assistant", "I have the results."));
    }
    written_.emplace_back(message_of("user", std::move(content)));
  }

  Result<void> add_user(const json::array& blocks, const FieldPath& path) {
    json::array attached;
    json::array parts;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const json::object* block = blocks[i].if_object();
      if (block == nullptr) return path.element(i).error("expected an object");
      const auto added = find_text(*block, "type") == "tool_result"
                             ? add_tool_result(*block, path.element(i), attached)
                             : append_parts(*block, path.element(i), options_, parts);
      if (!added) return added;
    }
    attached.insert(attached.end(), std::make_move_iterator(parts.begin()),
                    std::make_move_iterator(parts.end()));
    if (!attached.empty()) append_user(std::move(attached));
    return {};
  }

  Result<void> add_tool_result(const json::object& block, const FieldPath& path,
                               json::array& attached) {
    const std::string_view id = find_text(block, "tool_use_id");
    if (id.empty()) return path.member("tool_use_id").error("expected a string");
    auto output = tool_output(block, path, options_);
    if (!output) return output.error();
    json::object message;
    message.emplace("role", "tool");
    message.emplace("tool_call_id", call_id_for(id_without_signature(id), options_.facts.call_ids));
    json::object text = text_part(output->text);
    copy_cache_mark(block, options_.facts, text);
    // A mark stands on a part, and a blank part is refused by those who take marks.
    if (has_cache_mark(text) && !is_blank(output->text)) {
      message.emplace("content", json::array{std::move(text)});
    } else {
      message.emplace("content", std::move(output->text));
    }
    written_.emplace_back(std::move(message));
    attached.insert(attached.end(), std::make_move_iterator(output->attached.begin()),
                    std::make_move_iterator(output->attached.end()));
    return {};
  }

  Result<void> add_assistant(const json::array& blocks, const FieldPath& path) {
    AssistantMessage message(options_, names_);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const json::object* block = blocks[i].if_object();
      if (block == nullptr) return path.element(i).error("expected an object");
      if (const auto added = message.add(*block, path.element(i)); !added) return added;
    }
    std::move(message).append_to(written_);
    return {};
  }

  const RequestOptions& options_;
  ToolNames& names_;
  json::array written_;
};

}  // namespace

Result<json::array> openai_messages(const json::object& request, const RequestOptions& options,
                                    ToolNames& names) {
  Messages written(options, names);
  if (const json::value* system = find(request, "system")) {
    const auto added = written.add_system(*system, FieldPath("system"));
    if (!added) return added.error();
  }
  const FieldPath path("messages");
  const json::array* messages = find_array(request, "messages");
  if (messages == nullptr) return path.error("expected an array");
  for (std::size_t i = 0; i < messages->size(); ++i) {
    const json::object* message = (*messages)[i].if_object();
    if (message == nullptr) return path.element(i).error("expected an object");
    if (const auto added = written.add(*message, path.element(i)); !added) return added.error();
  }
  return written.take();
}

}  // namespace vdm::proxy
