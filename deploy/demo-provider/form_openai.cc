#include <absl/strings/str_join.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "deploy/demo-provider/form.h"

namespace vdm::demo {
namespace {

std::string call_id(const Ids& ids, std::size_t index) {
  return "call_" + ids.suffix + std::to_string(index);
}

std::string finish_reason(const Script& script) {
  if (script.at_limit) return "length";
  return script.tool_calls.empty() ? "stop" : "tool_calls";
}

json::object usage_counts(const Usage& usage) {
  return {
      {"prompt_tokens", usage.input},
      {"completion_tokens", usage.output},
      {"total_tokens", usage.input + usage.output},
      {"prompt_tokens_details", {{"cached_tokens", usage.cache_read}, {"audio_tokens", 0}}},
      {"completion_tokens_details",
       {{"reasoning_tokens", usage.reasoning},
        {"audio_tokens", 0},
        {"accepted_prediction_tokens", 0},
        {"rejected_prediction_tokens", 0}}},
  };
}

/// Writes the chunks of one streamed answer, in order.
class Chunks {
 public:
  Chunks(const Call& call, const Ids& ids) : call_(call), ids_(ids) {}

  void delta(json::object delta, int weight, json::value finish_reason = nullptr) {
    json::object chunk = head();
    chunk["choices"] = json::array{json::object{{"index", 0},
                                                {"delta", std::move(delta)},
                                                {"logprobs", nullptr},
                                                {"finish_reason", std::move(finish_reason)}}};
    if (call_.include_usage) chunk["usage"] = nullptr;
    add(json::serialize(chunk), weight);
  }

  void usage(const Usage& usage) {
    json::object chunk = head();
    chunk["choices"] = json::array{};
    chunk["usage"] = usage_counts(usage);
    add(json::serialize(chunk), 0);
  }

  void done() { add("[DONE]", 0); }
  std::vector<Step> take() { return std::move(steps_); }

 private:
  json::object head() const {
    return {{"id", "chatcmpl-" + ids_.suffix}, {"object", "chat.completion.chunk"},
            {"created", ids_.created},         {"model", call_.model},
            {"service_tier", "default"},       {"system_fingerprint", "fp_demo"}};
  }

  void add(const std::string& data, int weight) {
    steps_.push_back({.bytes = "data: " + data + "\n\n", .weight = weight});
  }

  const Call& call_;
  const Ids& ids_;
  std::vector<Step> steps_;
};

void stream_call(Chunks& chunks, const ToolCall& tool, std::size_t index, const Ids& ids) {
  json::object named{{"name", tool.name}, {"arguments", ""}};
  json::object begun{{"index", index},
                     {"id", call_id(ids, index)},
                     {"type", "function"},
                     {"function", std::move(named)}};
  chunks.delta(json::object{{"tool_calls", json::array{std::move(begun)}}}, 1);
  for (const std::string& token : tool.argument_tokens) {
    json::object call{{"index", index}, {"function", json::object{{"arguments", token}}}};
    chunks.delta(json::object{{"tool_calls", json::array{std::move(call)}}}, 1);
  }
}

}  // namespace

std::vector<Step> openai_stream(const Call& call, const Script& script, const Usage& usage,
                                const Ids& ids) {
  Chunks chunks(call, ids);
  chunks.delta({{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}, 0);
  for (const std::string& token : script.thinking) {
    chunks.delta(json::object{{"reasoning_content", token}}, weight_of(token));
  }
  for (const std::string& token : script.text) {
    chunks.delta(json::object{{"content", token}}, weight_of(token));
  }
  for (std::size_t i = 0; i < script.tool_calls.size(); ++i) {
    stream_call(chunks, script.tool_calls[i], i, ids);
  }
  chunks.delta(json::object(), 0, json::value(finish_reason(script)));
  if (call.include_usage) chunks.usage(usage);
  chunks.done();
  return chunks.take();
}

std::string openai_whole(const Call& call, const Script& script, const Usage& usage,
                         const Ids& ids) {
  json::object message{{"role", "assistant"},
                       {"content", absl::StrJoin(script.text, "")},
                       {"refusal", nullptr},
                       {"annotations", json::array{}}};
  if (!script.thinking.empty()) message["reasoning_content"] = absl::StrJoin(script.thinking, "");
  json::array calls;
  for (std::size_t i = 0; i < script.tool_calls.size(); ++i) {
    const ToolCall& tool = script.tool_calls[i];
    calls.push_back(json::object{
        {"id", call_id(ids, i)},
        {"type", "function"},
        {"function",
         {{"name", tool.name}, {"arguments", absl::StrJoin(tool.argument_tokens, "")}}}});
  }
  if (!calls.empty()) message["tool_calls"] = std::move(calls);
  json::array choices{json::object{{"index", 0},
                                   {"message", std::move(message)},
                                   {"logprobs", nullptr},
                                   {"finish_reason", finish_reason(script)}}};
  return json::serialize(json::object{{"id", "chatcmpl-" + ids.suffix},
                                      {"object", "chat.completion"},
                                      {"created", ids.created},
                                      {"model", call.model},
                                      {"choices", std::move(choices)},
                                      {"usage", usage_counts(usage)},
                                      {"service_tier", "default"},
                                      {"system_fingerprint", "fp_demo"}});
}

}  // namespace vdm::demo
