#include "proxy-service/convert/chat/reasoning_details.h"

#include "proxy-service/convert/json/field.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

// OpenRouter's name for the vendor that made the signature.
constexpr std::string_view Format = "anthropic-claude-v1";

json::object thinking_block(std::string_view text, std::string_view signature) {
  json::object block;
  block.emplace("type", "thinking");
  block.emplace("thinking", text);
  block.emplace("signature", signature);
  return block;
}

/// Mistral sends its reasoning as parts inside a content part.
void append_mistral_thinking(const json::object& message, json::array& blocks) {
  const json::array* parts = find_array(message, "content");
  if (parts == nullptr) return;
  for (const json::value& value : *parts) {
    const json::object* part = value.if_object();
    const json::array* texts = part == nullptr ? nullptr : find_array(*part, "thinking");
    if (texts == nullptr) continue;
    json::string joined;
    for (const json::value& text : *texts) {
      if (const json::object* object = text.if_object()) joined.append(find_text(*object, "text"));
    }
    blocks.emplace_back(thinking_block(joined, {}));
  }
}

void append_detail(const json::object& detail, json::array& blocks) {
  const std::string_view type = find_text(detail, "type");
  const std::string_view format = find_text(detail, "format");
  const bool is_anthropics = format.empty() || format == Format;
  if (type == "reasoning.text") {
    blocks.emplace_back(
        thinking_block(find_text(detail, "text"),
                       is_anthropics ? find_text(detail, "signature") : std::string_view()));
  } else if (type == "reasoning.summary") {
    blocks.emplace_back(thinking_block(find_text(detail, "summary"), {}));
  } else if (type == "reasoning.encrypted" && is_anthropics) {
    json::object block;
    block.emplace("type", "redacted_thinking");
    block.emplace("data", find_text(detail, "data"));
    blocks.emplace_back(std::move(block));
  }
}

}  // namespace

json::object text_detail(const json::object& thinking) {
  json::object detail;
  detail.emplace("type", "reasoning.text");
  detail.emplace("text", find_text(thinking, "thinking"));
  detail.emplace("signature", find_text(thinking, "signature"));
  detail.emplace("format", Format);
  return detail;
}

json::object encrypted_detail(const json::object& redacted) {
  json::object detail;
  detail.emplace("type", "reasoning.encrypted");
  detail.emplace("data", find_text(redacted, "data"));
  detail.emplace("format", Format);
  return detail;
}

json::array thinking_blocks(const json::object& message) {
  json::array blocks;
  if (const json::array* details = find_array(message, "reasoning_details")) {
    for (const json::value& value : *details) {
      if (const json::object* detail = value.if_object()) append_detail(*detail, blocks);
    }
  }
  if (!blocks.empty()) return blocks;
  for (const std::string_view name : {"reasoning_content", "reasoning"}) {
    const std::string_view text = find_text(message, name);
    if (text.empty()) continue;
    blocks.emplace_back(thinking_block(text, {}));
    return blocks;
  }
  append_mistral_thinking(message, blocks);
  return blocks;
}

bool is_signed(const json::object& block) {
  return find_text(block, "type") == "redacted_thinking" || !find_text(block, "signature").empty();
}

}  // namespace vdm::proxy
