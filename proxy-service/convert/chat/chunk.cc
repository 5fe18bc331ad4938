#include "proxy-service/convert/chat/chunk.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "proxy-service/convert/json/copied_text.h"

namespace vdm::proxy {
namespace {

bool add_text(JsonWalk& walk, ChatChunk& chunk, TextPiece::Kind kind) {
  std::string_view text;
  if (!read_copied_text(walk, text)) return false;
  if (!text.empty()) chunk.texts.push_back({kind, text});
  return true;
}

/// Reads Mistral's thinking: a text, or an array of text parts.
bool read_thinking(JsonWalk& walk, ChatChunk& chunk) {
  if (walk.peek() != '[') return add_text(walk, chunk, TextPiece::Kind::Thinking);
  return walk.array([&] {
    return walk.object_or_skip([&](JsonKey key) {
      return key == "text" ? add_text(walk, chunk, TextPiece::Kind::Thinking) : walk.skip();
    });
  });
}

/// Reads content: a text, or an array of parts.
bool read_content(JsonWalk& walk, ChatChunk& chunk) {
  if (walk.peek() != '[') return add_text(walk, chunk, TextPiece::Kind::Text);
  return walk.array([&] {
    if (walk.peek() == '"') return add_text(walk, chunk, TextPiece::Kind::Text);
    return walk.object_or_skip([&](JsonKey key) {
      if (key == "text") return add_text(walk, chunk, TextPiece::Kind::Text);
      return key == "thinking" ? read_thinking(walk, chunk) : walk.skip();
    });
  });
}

/// Reads {"google":{"thought_signature":…}}; Vertex AI sends "vertex" in place of "google".
bool read_signature(JsonWalk& walk, Signature& signature) {
  constexpr std::string_view Signers[] = {"google", "vertex"};
  return walk.object_or_skip([&](JsonKey key) {
    const auto signer = std::ranges::find(Signers, key.text());
    if (signer == std::end(Signers)) return walk.skip();
    return walk.object_or_skip([&](JsonKey inner) {
      if (inner != "thought_signature") return walk.skip();
      signature.signer = *signer;
      return read_copied_text(walk, signature.text);
    });
  });
}

bool read_function(JsonWalk& walk, const ChatChunk& chunk, CallPiece& call) {
  return walk.object_or_skip([&](JsonKey key) {
    if (key == "name") return read_copied_text(walk, call.name);
    if (key != "arguments") return walk.skip();
    call.has_arguments = true;
    if (walk.peek() != '{') return read_copied_text(walk, call.arguments);
    call.arguments_are_json = true;
    return read_raw(walk, chunk.json, call.arguments);
  });
}

bool read_call(JsonWalk& walk, ChatChunk& chunk, std::size_t place) {
  CallPiece call;
  call.place = place;
  const bool walked = walk.object_or_skip([&](JsonKey key) {
    if (key == "function") return read_function(walk, chunk, call);
    if (key == "id") return read_copied_text(walk, call.id);
    if (key == "extra_content") return read_signature(walk, call.signature);
    if (key != "index") return walk.skip();
    call.index = walk.count_or_skip();
    return true;
  });
  if (!call.id.empty() || !call.name.empty() || !call.arguments.empty()) {
    chunk.calls.push_back(call);
  } else if (!call.signature.text.empty()) {
    chunk.signature = call.signature;
  }
  return walked;
}

bool read_calls(JsonWalk& walk, ChatChunk& chunk) {
  std::size_t place = 0;
  const std::size_t before = chunk.calls.size();
  const bool walked = walk.array_or_skip([&] { return read_call(walk, chunk, place++); });
  for (std::size_t i = before; i < chunk.calls.size(); ++i) chunk.calls[i].alone = place == 1;
  return walked;
}

/// Reads function_call, the form of a call before tool_calls existed.
bool read_old_call(JsonWalk& walk, ChatChunk& chunk) {
  CallPiece call;
  const bool walked = read_function(walk, chunk, call);
  if (!call.name.empty() || !call.arguments.empty()) chunk.calls.push_back(call);
  return walked;
}

/// Reads OpenRouter's form of thinking, which keeps Anthropic's signatures and redacted blocks. It
/// skips those of other vendors, which an Anthropic client cannot use.
bool read_detail(JsonWalk& walk, ChatChunk& chunk) {
  std::string_view type;
  std::string_view format;
  std::string_view text;
  std::string_view signature;
  std::string_view data;
  const bool walked = walk.object_or_skip([&](JsonKey key) {
    if (key == "type") return read_copied_text(walk, type);
    if (key == "format") return read_copied_text(walk, format);
    if (key == "text" || key == "summary") return read_copied_text(walk, text);
    if (key == "signature") return read_copied_text(walk, signature);
    return key == "data" ? read_copied_text(walk, data) : walk.skip();
  });
  const bool is_anthropics = format.empty() || format == "anthropic-claude-v1";
  using Kind = TextPiece::Kind;
  const bool encrypted = type == "reasoning.encrypted";
  if (!encrypted && !text.empty()) chunk.thinking.push_back({Kind::Thinking, text});
  if (!is_anthropics) return walked;
  if (!encrypted && !signature.empty()) chunk.thinking.push_back({Kind::Signature, signature});
  if (encrypted && !data.empty()) chunk.thinking.push_back({Kind::Redacted, data});
  return walked;
}

bool read_delta(JsonWalk& walk, ChatChunk& chunk) {
  // Some servers send the same reasoning under several names, so this takes only one of them.
  std::string_view reasoning_content;
  std::string_view reasoning;
  const bool walked = walk.object_or_skip([&](JsonKey key) {
    if (key == "content") return read_content(walk, chunk);
    if (key == "reasoning_content") return read_copied_text(walk, reasoning_content);
    if (key == "reasoning") return read_copied_text(walk, reasoning);
    if (key == "refusal") return read_copied_text(walk, chunk.refusal);
    if (key == "extra_content") return read_signature(walk, chunk.signature);
    if (key == "reasoning_details") {
      return walk.array_or_skip([&] { return read_detail(walk, chunk); });
    }
    if (key == "function_call") return read_old_call(walk, chunk);
    return key == "tool_calls" ? read_calls(walk, chunk) : walk.skip();
  });
  if (reasoning_content.empty()) reasoning_content = reasoning;
  if (chunk.thinking.empty() && !reasoning_content.empty()) {
    chunk.thinking.push_back({TextPiece::Kind::Thinking, reasoning_content});
  }
  return walked;
}

bool read_choice(JsonWalk& walk, ChatChunk& chunk) {
  return walk.object_or_skip([&](JsonKey key) {
    if (key == "delta") return read_delta(walk, chunk);
    if (key == "finish_reason") return read_end(walk, chunk.end);
    if (key == "native_finish_reason") return read_native_end(walk, chunk.end);
    if (key == "usage") return read_usage(walk, chunk.usage);  // Moonshot's place
    return key == "error" ? read_error(walk, chunk.error) : walk.skip();
  });
}

bool read_choices(JsonWalk& walk, ChatChunk& chunk) {
  chunk.has_choices = chunk.choices_empty = walk.peek() == '[';
  return walk.array_or_skip([&] {
    const bool first = std::exchange(chunk.choices_empty, false);
    return first ? read_choice(walk, chunk) : walk.skip();
  });
}

}  // namespace

void ChatChunk::clear() {
  ChatChunk fresh;
  fresh.thinking.swap(thinking);
  fresh.texts.swap(texts);
  fresh.calls.swap(calls);
  fresh.thinking.clear();
  fresh.texts.clear();
  fresh.calls.clear();
  *this = std::move(fresh);
}

bool read_openai_chunk(std::string_view json, JsonWalk& walk, ChatChunk& chunk) {
  chunk.json = json;
  const bool walked = walk.object([&](JsonKey key) {
    if (key == "choices") return read_choices(walk, chunk);
    if (key == "usage") return read_usage(walk, chunk.usage);
    if (key == "error") return read_error(walk, chunk.error);
    if (key == "object") {
      // {"object":"error","message":…,"type":…}: without a wrapper.
      const bool is_error = walk.string_or_skip().value_or("") == "error";
      chunk.error.present = chunk.error.present || is_error;
      return true;
    }
    if (key != "x_groq") return walk.skip();
    return walk.object_or_skip([&](JsonKey inner) {
      return inner == "usage" ? read_usage(walk, chunk.usage) : walk.skip();
    });
  });
  return walked && walk.at_end();
}

}  // namespace vdm::proxy
