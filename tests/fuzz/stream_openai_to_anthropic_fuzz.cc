// StreamChatToMessages: see stream_fuzz.h.
#include "tests/fuzz/stream_fuzz.h"

namespace {

constexpr std::string_view Events[] = {
    R"({"choices":[{"delta":{"role":"assistant","content":""}}]})",
    R"({"choices":[{"delta":{"content":"text"}}]})",
    R"({"choices":[{"delta":{"reasoning_content":"think"}}]})",
    R"({"choices":[{"delta":{"content":[{"type":"thinking","thinking":"t"},{"text":"x"}]}}]})",
    R"({"choices":[{"delta":{"refusal":"no"}}]})",
    R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"one"}}]}}]})",
    R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]}}]})",
    R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]})",
    R"({"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"name":"two"}}]}}]})",
    R"({"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{\"y\":"}}]}}]})",
    R"({"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"\"}\"}"}}]}}]})",
    R"({"choices":[{"delta":{"tool_calls":[{"id":"c","function":{"name":"n","arguments":"[]"}}]}}]})",
    R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":" "}}]}}]})",
    R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":{"z":[]}}}]}}]})",
    R"({"choices":[{"delta":{"extra_content":{"google":{"thought_signature":"s"}}}}]})",
    R"({"choices":[{"delta":{},"finish_reason":"stop"}]})",
    R"({"choices":[{"delta":{},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":5}})",
    R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3}})",
    R"({"error":{"message":"m","code":429}})",
    R"([DONE])",
    R"({"choices":[{"delta":{"reasoning_details":[{"type":"reasoning.text","signature":"s"}]}}]})",
    R"({"choices":[{"delta":{"reasoning_details":[{"type":"reasoning.encrypted","data":"d"}]}}]})",
    R"({})",
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vdm;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  proxy::check_stream(Dialect::OpenAi, bytes, false);
  proxy::check_stream(Dialect::OpenAi, proxy::chosen_events({data, size}, Events), false);
  return 0;
}
