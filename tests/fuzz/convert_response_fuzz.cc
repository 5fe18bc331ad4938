// Both conversions of an answer, and of a provider's error. Each either refuses an answer in plain
// words or writes JSON whose blocks have every field that a client reads unchecked. A stream made
// of an answer has its end, and an error has a status and a body whatever the input.
#include <cstdint>
#include <string_view>

#include "proxy-service/convert/answer_stream.h"
#include "proxy-service/convert/chat_to_messages/response.h"
#include "proxy-service/convert/errors/error_body.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/messages_to_chat/response.h"
#include "tests/fuzz/convert_json.h"

namespace {

namespace json = boost::json;
using namespace vdm::proxy;
using vdm::fuzz::require;

void as_stream(vdm::Dialect dialect, const json::object& answer) {
  const auto written = stream_of_answer(dialect, answer, UsageChunk::Show);
  if (!written) return vdm::fuzz::require_plain(written.error());
  const bool anthropic = dialect == vdm::Dialect::Anthropic;
  require(
      written->ends_with(anthropic ? "data: {\"type\":\"message_stop\"}\n\n" : "data: [DONE]\n\n"));
}

void to_anthropic(const json::object& answer, const ToolNames& names) {
  const auto written = response_chat_to_messages(answer, {.id = "msg_1", .model = "m"}, names);
  if (!written) return vdm::fuzz::require_plain(written.error());
  vdm::fuzz::require_json(*written);
  for (const json::value& block : written->at("content").as_array()) {
    if (find_text(block.as_object(), "type") != "tool_use") continue;
    require(!find_text(block.as_object(), "id").empty());
    require(find_object(block.as_object(), "input") != nullptr);
  }
  require(!find_text(*written, "stop_reason").empty());
  require(written->at("usage").as_object().size() >= 4);
  as_stream(vdm::Dialect::Anthropic, *written);
}

void to_openai(const json::object& answer, const ToolNames& names) {
  const auto written = response_messages_to_chat(answer, {.id = "chatcmpl-1"}, names);
  if (!written) return vdm::fuzz::require_plain(written.error());
  vdm::fuzz::require_json(*written);
  require(!find_text(written->at("choices").as_array()[0].as_object(), "finish_reason").empty());
  as_stream(vdm::Dialect::OpenAi, *written);
}

void as_error(std::string_view body) {
  for (const int status : {200, 400, 429, 503}) {
    ProviderError error = read_provider_error(status, body);
    require(error.status >= 400 && error.status < 600);
    require(!error.message.empty() && error.message.size() <= ProviderError::message_bytes_max);
    for (const vdm::Dialect dialect : {vdm::Dialect::Anthropic, vdm::Dialect::OpenAi}) {
      const ErrorBody answer = error_answer(dialect, error, "req_1");
      require(answer.status >= 400 && answer.status < 600);
      require(static_cast<bool>(parse_body(answer.body)));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  as_error(text);
  const auto body = parse_body(text);
  if (!body) return 0;
  ToolNames names;
  names.legal("files.read");
  to_anthropic(*body, names);
  to_openai(*body, names);
  as_stream(vdm::Dialect::Anthropic, *body);
  as_stream(vdm::Dialect::OpenAi, *body);
  return 0;
}
