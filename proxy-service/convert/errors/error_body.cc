#include "proxy-service/convert/errors/error_body.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "proxy-service/convert/errors/error_type.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/wire_json.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

constexpr int OverloadedAnthropic = 529;
constexpr int OverloadedOpenAi = 503;

/// Finds the error object in a provider's body: {"error":{…}}, [{"error":{…}}], or the body itself,
/// as vLLM sends it.
const json::object* error_in(const json::value& body) {
  const json::value* value = &body;
  if (const json::array* list = value->if_array(); list != nullptr && !list->empty()) {
    value = &list->front();
  }
  const json::object* object = value->if_object();
  if (object == nullptr) return nullptr;
  const json::object* error = find_object(*object, "error");
  return error == nullptr ? object : error;
}

std::string_view message_in(const json::object& error) {
  for (const std::string_view name : {"message", "error", "msg", "detail"}) {
    if (const auto text = find_text(error, name); !text.empty()) return text;
  }
  return {};
}

/// A code or a parameter's name. Empty when it is not short and plain, as it is then something
/// else.
std::string word_in(const json::object& error, std::string_view name) {
  constexpr std::size_t LengthMax = 64;
  const std::string_view word = find_text(error, name);
  const bool is_word =
      word.size() <= LengthMax && std::ranges::all_of(word, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '[' || c == ']';
      });
  return is_word ? std::string(word) : std::string();
}

/// Looks for the wordings of OpenAI, Anthropic, Google, vLLM, OpenRouter and Copilot, in lower
/// case.
bool says_prompt_too_long(std::string_view code, std::string_view message) {
  if (code == "context_length_exceeded" || code == "model_max_prompt_tokens_exceeded") return true;
  for (const std::string_view words :
       {"prompt is too long", "maximum context length", "model's context length",
        "exceed context limit", "exceeds the context window", "input token count",
        "prompt token count", "exceeds the maximum number of tokens"}) {
    if (contains(message, words)) return true;
  }
  return false;
}

bool says_quota_exhausted(std::string_view type, std::string_view code, std::string_view message) {
  return code == "insufficient_quota" || type == "insufficient_quota" || type == "billing_error" ||
         contains(message, "credit balance is too low");
}

ProviderError::Kind kind_of(int status, std::string_view type, const ProviderError& error) {
  const std::string message = lower(error.message);
  if (status < 500 && says_prompt_too_long(error.code, message)) {
    return ProviderError::Kind::PromptTooLong;
  }
  if (status == 402 || says_quota_exhausted(type, error.code, message)) {
    return ProviderError::Kind::QuotaExhausted;
  }
  if (status == OverloadedAnthropic || status == OverloadedOpenAi || type == "overloaded_error") {
    return ProviderError::Kind::Overloaded;
  }
  return ProviderError::Kind::Other;
}

/// The numbers in a message, in their order, without thousands separators.
std::vector<std::int64_t> numbers_in(std::string_view text) {
  std::vector<std::int64_t> numbers;
  for (std::size_t at = 0; at < text.size();) {
    std::string digits;
    const auto is_digit = [&](std::size_t i) {
      return i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    };
    while (is_digit(at) || (!digits.empty() && text[at] == ',' && is_digit(at + 1))) {
      if (text[at] != ',') digits.push_back(text[at]);
      if (++at == text.size()) break;
    }
    std::int64_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    // A context has more than a thousand tokens, so a smaller number means something else.
    if (!digits.empty() && read.ec == std::errc{} && number > 1000) numbers.push_back(number);
    if (digits.empty()) ++at;
  }
  return numbers;
}

/// The message by which Claude Code recognises that it must compact; the numbers tell it by how
/// much.
std::string prompt_too_long(std::string_view message) {
  if (contains(message, "prompt is too long") || contains(message, "exceed context limit")) {
    return std::string(message);
  }
  const auto numbers = numbers_in(message);
  if (numbers.size() < 2) return std::string("prompt is too long: ").append(message);
  // OpenAI writes the limit first and Google the tokens used; parts of the tokens used come last.
  const std::int64_t used = std::ranges::max(numbers);
  const std::int64_t limit = numbers[0] == used ? numbers[1] : numbers[0];
  return std::string("prompt is too long: ")
      .append(std::to_string(used))
      .append(" tokens > ")
      .append(std::to_string(limit))
      .append(" maximum");
}

ErrorBody anthropic_answer(const ProviderError& error, std::string_view request_id) {
  ErrorBody answer{error.status, {}};
  std::string message = error.message;
  switch (error.kind) {
    case ProviderError::Kind::PromptTooLong:
      answer.status = 400;
      message = prompt_too_long(message);
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

ProviderError read_provider_error(int status, std::string_view body) {
  ProviderError error;
  std::string_view type;
  const auto parsed = parse_value(body);
  const json::object* object = parsed ? error_in(*parsed) : nullptr;
  if (object != nullptr) {
    error.message = cut_utf8(message_in(*object), ProviderError::message_bytes_max);
    error.code = word_in(*object, "code");
    error.param = word_in(*object, "param");
    type = find_text(*object, "type");
    const json::value* code = find(*object, "code");
    const bool names_status =
        code != nullptr && code->is_int64() && code->get_int64() >= 400 && code->get_int64() < 600;
    if (status < 400) {
      const int reported = reported_status(type, error.code);
      if (reported != 0) status = reported;
      if (names_status) status = static_cast<int>(code->get_int64());
    }
  }
  error.status = status < 400 ? 502 : status;
  if (error.message.empty()) {
    // An HTML page or a fragment explains nothing to an API client and may hold anything, so the
    // message has only the status.
    error.message = "the provider answered with status " + std::to_string(status) +
                    (body.empty() ? " and no body" : " and no message");
  }
  error.kind = kind_of(error.status, type, error);
  return error;
}

ErrorBody error_answer(Dialect client, const ProviderError& error, std::string_view request_id) {
  return client == Dialect::OpenAi ? openai_answer(error) : anthropic_answer(error, request_id);
}

}  // namespace vdm::proxy
