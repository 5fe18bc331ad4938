// StreamMessagesToChat: see stream_fuzz.h.
#include "tests/fuzz/stream_fuzz.h"

namespace {

constexpr std::string_view Events[] = {
    R"({"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":2}}})",
    R"({"type":"ping"})",
    R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
    R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}})",
    R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"a","name":"n"}})",
    R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","input":{"a":1}}})",
    R"({"type":"content_block_start","index":2,"content_block":{"type":"server_tool_use"}})",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}})",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"t"}})",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}})",
    R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{"}})",
    R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"}"}})",
    R"({"type":"content_block_stop","index":0})",
    R"({"type":"content_block_stop","index":1})",
    R"({"type":"content_block_stop","index":2})",
    R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":8}})",
    R"({"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":9}})",
    R"({"type":"message_stop"})",
    R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})",
    R"({"type":"content_block_start","index":3,"content_block":{"type":"redacted_thinking","data":"d"}})",
    R"({"type":"surprise"})",
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vdm;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const bool include_usage = size % 2 == 0;
  proxy::check_stream(Dialect::Anthropic, bytes, include_usage);
  proxy::check_stream(Dialect::Anthropic, proxy::chosen_events({data, size}, Events),
                      include_usage);
  return 0;
}
