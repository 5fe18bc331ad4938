#include "proxy-service/convert/errors/stream_error.h"

#include "common/base/utf8.h"
#include "proxy-service/body/json_text.h"
#include "proxy-service/convert/errors/error_body.h"
#include "proxy-service/convert/errors/error_type.h"

namespace vdm::proxy {
namespace {

constexpr int StatusUnknown = 502;

/// Reads a code, which is a word or a number.
bool read_code(JsonWalk& walk, std::string_view& code) {
  const char ahead = walk.peek();
  if (ahead == '"') {
    code = walk.string_or_skip().value_or("");
    return true;
  }
  if (ahead >= '0' && ahead <= '9') code = walk.token();
  return walk.skip();
}

}  // namespace

bool read_stream_error(JsonWalk& walk, ProviderErrorText& error) {
  const char ahead = walk.peek();
  error.present = error.present || ahead == '{' || ahead == '"';
  return walk.object_or_skip([&](JsonKey key) {
    if (key == "code") return read_code(walk, error.code);
    if (key != "type") return walk.skip();
    error.type = walk.string_or_skip().value_or("");
    return true;
  });
}

ProviderError stream_error_of(const ProviderErrorText& text, std::string_view data) {
  const std::string_view word = code_tells(text.type, text.code) ? text.code : text.type;
  const int status = reported_status(text.type, text.code);
  ProviderError error;
  error.status = status == 0 ? StatusUnknown : status;
  append_decoded(word.substr(0, ProviderError::type_bytes_max * 6), error.type);
  error.type.resize(cut_utf8(error.type, ProviderError::type_bytes_max).size());
  error.message = cut_utf8(read_provider_error(error.status, data).message,
                           ProviderError::stream_message_bytes_max);
  return error;
}

void append_error_event(Dialect client, std::string_view data, const ProviderError& error,
                        std::string_view request_id, std::string& out) {
  const ProviderError whole = read_provider_error(error.status, data);
  out.append(client == Dialect::Anthropic ? "event: error\ndata: " : "data: ")
      .append(error_answer(client, whole, request_id).body)
      .append("\n\n");
}

}  // namespace vdm::proxy
