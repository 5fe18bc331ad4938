#include "proxy-service/convert/said_error.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "proto/contract/text.h"
#include "proxy-service/body/json_text.h"
#include "proxy-service/convert/error_body.h"

namespace vdm::proxy {
namespace {

constexpr int StatusUnknown = 502;

struct Word {
  std::string_view word;
  int status;
};

/// Types and codes of both dialects, and of servers that speak them.
constexpr Word Words[] = {
    {"authentication_error", 401},
    {"BadRequestError", 400},
    {"billing_error", 402},
    {"context_length_exceeded", 400},
    {"engine_overloaded", 503},
    {"insufficient_quota", 429},
    {"invalid_api_key", 401},
    {"invalid_request_error", 400},
    {"model_not_found", 404},
    {"not_found_error", 404},
    {"overloaded", 503},
    {"overloaded_error", 529},
    {"permission_error", 403},
    {"rate_limit_error", 429},
    {"rate_limit_exceeded", 429},
    {"request_too_large", 413},
    {"timeout", 504},
    {"timeout_error", 504},
};

/// The status a word means; 0 when it means none.
int status_of(std::string_view word) {
  int status = 0;
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), status);
  const bool is_number = fault == std::errc{} && end == word.data() + word.size();
  if (is_number) return status >= 400 && status < 600 ? status : 0;
  const auto found = std::ranges::find(Words, word, &Word::word);
  return found == std::end(Words) ? 0 : found->status;
}

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
  // OpenAI says "requests" or "tokens" as the type of a rate limit, and its code tells.
  const bool code_tells = said.type.empty() || (status_of(said.type) == 0 && status_of(said.code));
  const std::string_view word = code_tells ? said.code : said.type;
  StreamError error;
  error.status = status_of(word) == 0 ? StatusUnknown : status_of(word);
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
