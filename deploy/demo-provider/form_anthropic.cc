#include <absl/strings/str_join.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "deploy/demo-provider/form.h"

namespace vdm::demo {
namespace {

constexpr const char* Signature = "ZGVtbzogdGhpcyB0aG91Z2h0IHdhcyBzaWduZWQgYnkgbm9ib2R5";

std::string stop_reason(const Script& script) {
  if (script.at_limit) return "max_tokens";
  return script.tool_calls.empty() ? "end_turn" : "tool_use";
}

std::string tool_id(const Ids& ids, std::size_t index) {
  return "toolu_" + ids.suffix + std::to_string(index);
}

/// Anthropic's input_tokens leave out the tokens that it read from the cache or wrote to it.
json::object usage_object(const Usage& usage, std::uint64_t output) {
  return {{"input_tokens", usage.input - usage.cache_read - usage.cache_creation},
          {"cache_creation_input_tokens", usage.cache_creation},
          {"cache_read_input_tokens", usage.cache_read},
          {"output_tokens", output},
          {"service_tier", "standard"}};
}

json::object message_object(const Call& call, const Ids& ids, json::array content,
                            json::value reason, json::object usage) {
  return {{"id", "msg_" + ids.suffix},     {"type", "message"},
          {"role", "assistant"},           {"model", call.model},
          {"content", std::move(content)}, {"stop_reason", std::move(reason)},
          {"stop_sequence", nullptr},      {"usage", std::move(usage)}};
}

/// Writes the named events of one streamed answer, in order.
class Events {
 public:
  void add(const char* name, json::object data, int weight = 0) {
    std::string bytes = "event: ";
    bytes.append(name).append("\ndata: ").append(json::serialize(data)).append("\n\n");
    steps_.push_back({.bytes = std::move(bytes), .weight = weight});
  }

  void begin_block(json::object block, int weight) {
    add("content_block_start",
        {{"type", "content_block_start"}, {"index", index_}, {"content_block", std::move(block)}},
        weight);
    // Anthropic sends its first ping after the start of the first block.
    if (index_ == 0) add("ping", {{"type", "ping"}});
  }
  void delta(json::object delta, int weight) {
    add("content_block_delta",
        {{"type", "content_block_delta"}, {"index", index_}, {"delta", std::move(delta)}}, weight);
  }
  void end_block() {
    add("content_block_stop", {{"type", "content_block_stop"}, {"index", index_}});
    ++index_;
  }
  std::vector<Step> take() { return std::move(steps_); }

 private:
  int index_ = 0;
  std::vector<Step> steps_;
};

void stream_thinking(Events& events, const Script& script) {
  if (script.thinking.empty()) return;
  events.begin_block({{"type", "thinking"}, {"thinking", ""}, {"signature", ""}}, 0);
  for (const std::string& token : script.thinking) {
    events.delta({{"type", "thinking_delta"}, {"thinking", token}}, weight_of(token));
  }
  events.delta({{"type", "signature_delta"}, {"signature", Signature}}, 0);
  events.end_block();
}

void stream_text(Events& events, const Script& script) {
  if (script.text.empty()) return;
  events.begin_block({{"type", "text"}, {"text", ""}}, 0);
  for (const std::string& token : script.text) {
    events.delta({{"type", "text_delta"}, {"text", token}}, weight_of(token));
  }
  events.end_block();
}

void stream_tool(Events& events, const ToolCall& tool, const std::string& id) {
  events.begin_block(
      {{"type", "tool_use"}, {"id", id}, {"name", tool.name}, {"input", json::object()}}, 1);
  events.delta({{"type", "input_json_delta"}, {"partial_json", ""}}, 0);
  for (const std::string& token : tool.argument_tokens) {
    events.delta({{"type", "input_json_delta"}, {"partial_json", token}}, 1);
  }
  events.end_block();
}

/// The object that a call's argument tokens form together; {} when max_tokens cut them.
json::value input_of(const ToolCall& tool) {
  json::error_code error;
  json::value input = json::parse(absl::StrJoin(tool.argument_tokens, ""), error);
  return error ? json::value(json::object()) : input;
}

}  // namespace

std::vector<Step> anthropic_stream(const Call& call, const Script& script, const Usage& usage,
                                   const Ids& ids) {
  Events events;
  events.add("message_start",
             {{"type", "message_start"},
              {"message", message_object(call, ids, {}, nullptr, usage_object(usage, 1))}});
  stream_thinking(events, script);
  stream_text(events, script);
  for (std::size_t i = 0; i < script.tool_calls.size(); ++i) {
    stream_tool(events, script.tool_calls[i], tool_id(ids, i));
  }
  events.add("message_delta",
             {{"type", "message_delta"},
              {"delta", {{"stop_reason", stop_reason(script)}, {"stop_sequence", nullptr}}},
              {"usage", usage_object(usage, usage.output)}});
  events.add("message_stop", {{"type", "message_stop"}});
  return events.take();
}

std::string anthropic_whole(const Call& call, const Script& script, const Usage& usage,
                            const Ids& ids) {
  json::array content;
  if (!script.thinking.empty()) {
    content.push_back(json::object{{"type", "thinking"},
                                   {"thinking", absl::StrJoin(script.thinking, "")},
                                   {"signature", Signature}});
  }
  if (!script.text.empty()) {
    content.push_back(json::object{{"type", "text"}, {"text", absl::StrJoin(script.text, "")}});
  }
  for (std::size_t i = 0; i < script.tool_calls.size(); ++i) {
    content.push_back(json::object{{"type", "tool_use"},
                                   {"id", tool_id(ids, i)},
                                   {"name", script.tool_calls[i].name},
                                   {"input", input_of(script.tool_calls[i])}});
  }
  return json::serialize(message_object(call, ids, std::move(content),
                                        json::value(stop_reason(script)),
                                        usage_object(usage, usage.output)));
}

}  // namespace vdm::demo
