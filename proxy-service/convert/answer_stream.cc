#include "proxy-service/convert/answer_stream.h"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

Error no_answer(std::string_view expected) {
  return {ErrorKind::UpstreamRejected,
          std::string("the provider's answer: expected ").append(expected).append(", found none")};
}

/// Writes the events of one Anthropic message.
class Events {
 public:
  void start(json::object message) {
    message["content"] = json::array();
    message["stop_reason"] = nullptr;
    message["stop_sequence"] = nullptr;
    // Clients add the output tokens of message_delta to those of the start, so the start has 0.
    if (json::value* usage = message.if_contains("usage"); usage && usage->is_object()) {
      usage->get_object()["output_tokens"] = 0;
    }
    write("message_start", {{"message", std::move(message)}});
  }

  void block(json::object block) {
    const std::string type(find_text(block, "type"));
    if (type == "text") {
      open_without(std::move(block), {{"text", "text_delta"}});
    } else if (type == "thinking") {
      open_without(std::move(block),
                   {{"thinking", "thinking_delta"}, {"signature", "signature_delta"}});
    } else if (block.contains("input") && block.at("input").is_object()) {
      const json::object input = std::exchange(block["input"], json::object()).get_object();
      open(std::move(block));
      const std::string text = json_text(input);
      if (!input.empty()) delta("input_json_delta", "partial_json", json::value(text));
    } else {
      open(std::move(block));
    }
    write("content_block_stop", {{"index", index_++}});
  }

  std::string end(const json::object& answer) && {
    json::object delta;
    for (const std::string_view name : {"stop_reason", "stop_sequence"}) {
      const json::value* value = answer.if_contains(name);
      delta.emplace(name, value == nullptr ? json::value(nullptr) : *value);
    }
    const json::object* usage = find_object(answer, "usage");
    write("message_delta",
          {{"delta", std::move(delta)}, {"usage", usage == nullptr ? json::object() : *usage}});
    write("message_stop", {});
    return std::move(out_);
  }

 private:
  struct Streamed {
    std::string_view member;
    std::string_view type;  ///< the type of its delta
  };

  void write(std::string_view type, json::object members) {
    json::object event{{"type", type}};
    for (auto& [name, value] : members) event.emplace(name, std::move(value));
    out_.append("event: ").append(type).append("\ndata: ").append(json_text(event)).append("\n\n");
  }
  void open(json::object block) {
    write("content_block_start", {{"index", index_}, {"content_block", std::move(block)}});
  }
  void delta(std::string_view type, std::string_view member, json::value value) {
    json::object said{{"type", type}};
    said.emplace(member, std::move(value));
    write("content_block_delta", {{"index", index_}, {"delta", std::move(said)}});
  }
  /// Opens the block with empty texts, and then writes each text as a delta.
  void open_without(json::object block, std::initializer_list<Streamed> texts) {
    const json::object whole = block;
    for (const Streamed& text : texts) block[text.member] = "";
    const json::array* citations = find_array(whole, "citations");
    if (citations != nullptr) block["citations"] = json::array();
    open(std::move(block));
    for (const Streamed& text : texts) {
      const std::string_view said = find_text(whole, text.member);
      if (!said.empty()) delta(text.type, text.member, json::value(said));
    }
    if (citations == nullptr) return;
    for (const json::value& each : *citations) delta("citations_delta", "citation", each);
  }

  std::string out_;
  std::uint64_t index_ = 0;
};

Result<std::string> anthropic_stream(const json::object& answer) {
  const json::array* content = find_array(answer, "content");
  if (content == nullptr) return no_answer("content");
  Events events;
  events.start(answer);
  for (const json::value& block : *content) {
    if (block.is_object()) events.block(block.get_object());
  }
  return std::move(events).end(answer);
}

/// Numbers the calls: OpenAI's clients assemble streamed calls by their index.
void count_calls(json::object& message) {
  json::value* const calls = message.if_contains("tool_calls");
  if (calls == nullptr || !calls->is_array()) return;
  std::uint64_t index = 0;
  for (json::value& call : calls->get_array()) {
    if (call.is_object()) call.get_object()["index"] = index++;
  }
}

void append_chunk(json::object chunk, json::array choices, std::string& out) {
  chunk["choices"] = std::move(choices);
  out.append("data: ").append(json_text(chunk)).append("\n\n");
}

/// The first chunk's choice: the whole message as a delta, without the finish_reason.
json::object reported_in(const json::object& choice, const json::object& message) {
  json::object delta = message;
  count_calls(delta);
  json::object said;
  for (const auto& [name, value] : choice) {
    if (name == "message") {
      said.emplace("delta", std::move(delta));
    } else {
      said.emplace(name, name == "finish_reason" ? json::value(nullptr) : value);
    }
  }
  return said;
}

/// The last chunk's choice: an empty delta and the finish_reason.
json::object end_of(const json::object& choice) {
  json::object end;
  copy_member(choice, "index", end, "index");
  end.emplace("delta", json::object());
  copy_member(choice, "finish_reason", end, "finish_reason");
  return end;
}

Result<std::string> openai_stream(const json::object& answer, UsageChunk usage_chunk) {
  const json::array* choices = find_array(answer, "choices");
  const json::object* usage = find_object(answer, "usage");
  if (choices == nullptr || choices->empty()) return no_answer("choices");
  const bool shows_usage = usage_chunk == UsageChunk::Show && usage != nullptr;
  json::object chunk;
  for (const auto& [name, value] : answer) {
    if (name != "usage") chunk.emplace(name, value);
  }
  chunk["object"] = "chat.completion.chunk";
  if (shows_usage) chunk["usage"] = nullptr;

  std::string out;
  for (const json::value& value : *choices) {
    const json::object* choice = value.if_object();
    const json::object* message = choice == nullptr ? nullptr : find_object(*choice, "message");
    if (message == nullptr) return no_answer("choices[].message");
    append_chunk(chunk, {reported_in(*choice, *message)}, out);
    append_chunk(chunk, {end_of(*choice)}, out);
  }
  if (shows_usage) {
    chunk["usage"] = *usage;
    append_chunk(chunk, {}, out);
  }
  return out.append("data: [DONE]\n\n");
}

}  // namespace

Result<std::string> stream_of_answer(Dialect dialect, const json::object& answer,
                                     UsageChunk usage) {
  return dialect == Dialect::Anthropic ? anthropic_stream(answer) : openai_stream(answer, usage);
}

}  // namespace vdm::proxy
