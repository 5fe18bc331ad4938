#include "proxy-service/convert/errors/error_body.h"

#include <boost/json/object.hpp>

#include "proxy-service/convert/errors/error_type.h"
#include "proxy-service/convert/errors/too_long.h"
#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

ErrorBody anthropic_answer(const ProviderError& error, std::string_view request_id) {
  ErrorBody answer{error.status, {}};
  std::string message = error.message;
  switch (error.kind) {
    case ProviderError::Kind::PromptTooLong:
      answer.status = 400;
      message = too_long_for_claude(message, error.used, error.limit);
      break;
    case ProviderError::Kind::QuotaExhausted:
      answer.status = 402;
      break;
    case ProviderError::Kind::Overloaded:
      answer.status = OverloadedAnthropic;
      break;
    case ProviderError::Kind::Other:
      break;
  }
  answer.body = anthropic_error_body(anthropic_error_type(answer.status), message, request_id);
  return answer;
}

/// The status, type and code of an error as OpenAI's clients expect them.
struct OpenAiWords {
  int status;
  std::string_view type;
  std::string_view code;
};

OpenAiWords openai_words(const ProviderError& error) {
  switch (error.kind) {
    case ProviderError::Kind::PromptTooLong:
      return {400, "invalid_request_error", "context_length_exceeded"};
    case ProviderError::Kind::QuotaExhausted:
      return {429, "insufficient_quota", "insufficient_quota"};
    case ProviderError::Kind::Overloaded:
      return {OverloadedOpenAi, "overloaded_error", "server_overloaded"};
    case ProviderError::Kind::Other:
      break;
  }
  std::string_view usual;
  if (error.status == 401) usual = "invalid_api_key";
  if (error.status == 404) usual = "model_not_found";
  if (error.status == 429) usual = "rate_limit_exceeded";
  return {error.status, openai_error_type(error.status), error.code.empty() ? usual : error.code};
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

ErrorBody openai_answer(const ProviderError& error) {
  const OpenAiWords words = openai_words(error);
  return {words.status, openai_error_body(words.type, error.message, error.param, words.code)};
}

}  // namespace

std::string anthropic_error_body(std::string_view type, std::string_view message,
                                 std::string_view request_id) {
  json::object inner;
  inner.emplace("type", type);
  inner.emplace("message", message);
  json::object body;
  body.emplace("type", "error");
  body.emplace("error", std::move(inner));
  body.emplace("request_id", request_id);
  return json_text(body);
}

std::string openai_error_body(std::string_view type, std::string_view message,
                              std::string_view param, std::string_view code) {
  json::object inner;
  inner.emplace("message", message);
  inner.emplace("type", type);
  inner.emplace("param", text_or_null(param));
  inner.emplace("code", text_or_null(code));
  json::object body;
  body.emplace("error", std::move(inner));
  return json_text(body);
}

ErrorBody error_answer(Dialect client, const ProviderError& error, std::string_view request_id) {
  return client == Dialect::OpenAi ? openai_answer(error) : anthropic_answer(error, request_id);
}

}  // namespace vdm::proxy
