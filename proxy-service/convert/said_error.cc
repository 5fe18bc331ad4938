#include "proxy-service/convert/said_error.h"

#include "common/base/utf8.h"
#include "proxy-service/body/json_text.h"
#include "proxy-service/convert/error_body.h"
#include "proxy-service/convert/error_type.h"

namespace vdm::proxy {
namespace {

constexpr int StatusUnknown = 502;

/// A word or a number.
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

bool read_said_error(JsonWalk& walk, SaidError& error) {
  const char ahead = walk.peek();
  error.said = error.said || ahead == '{' || ahead == '"';
  return walk.object_or_skip([&](JsonKey key) {
    if (key == "code") return read_code(walk, error.code);
    if (key != "type") return walk.skip();
    error.type = walk.string_or_skip().value_or("");
    return true;
  });
}

StreamError stream_error_of(const SaidError& said, std::string_view data) {
  const std::string_view word = code_tells(said.type, said.code) ? said.code : said.type;
  const int status = status_said(said.type, said.code);
  StreamError error;
  error.status = status == 0 ? StatusUnknown : status;
  append_decoded(word.substr(0, StreamError::type_bytes_max * 6), error.type);
  error.type.resize(cut_utf8(error.type, StreamError::type_bytes_max).size());
  error.message =
      cut_utf8(read_provider_error(error.status, data).message, StreamError::message_bytes_max);
  return error;
}

void append_error_event(Dialect client, std::string_view data, const StreamError& error,
                        std::string_view request_id, std::string& out) {
  const ProviderError said = read_provider_error(error.status, data);
  out.append(client == Dialect::Anthropic ? "event: error\ndata: " : "data: ")
      .append(error_answer(client, said, request_id).body)
      .append("\n\n");
}

}  // namespace vdm::proxy
