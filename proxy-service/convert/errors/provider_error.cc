#include "proxy-service/convert/errors/provider_error.h"

#include <algorithm>
#include <cctype>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "proxy-service/convert/errors/error_details.h"
#include "proxy-service/convert/errors/error_type.h"
#include "proxy-service/convert/errors/too_long.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/json/wire_json.h"
#include "proxy-service/tap/end_word.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

/// A code or a parameter's name. Empty when it is not short and plain, as it is then something
/// else.
std::string plain_word(std::string word) {
  constexpr std::size_t LengthMax = 64;
  const bool is_word =
      word.size() <= LengthMax && std::ranges::all_of(word, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '[' || c == ']';
      });
  return is_word ? std::move(word) : std::string();
}

bool is_error_status(int number) { return number >= 400 && number < 600; }

/// The word for failure that a whole answer or a chunk ended with; empty when it did not.
std::string failed_end(const json::value& body) {
  const json::object* object = body.if_object();
  if (object == nullptr) return {};
  const json::array* choices = find_array(*object, "choices");
  const json::object* delta = find_object(*object, "delta");
  const json::object* place = delta == nullptr ? object : delta;
  if (choices != nullptr) place = choices->empty() ? nullptr : choices->front().if_object();
  if (place == nullptr) return {};
  for (const std::string_view name : {"finish_reason", "native_finish_reason", "stop_reason"}) {
    const std::string_view word = find_text(*place, name);
    if (meaning_of_end(word) == EndMeaning::Failed) return plain_word(std::string(word));
  }
  return {};
}

bool says_quota_exhausted(const ProviderError& error, std::string_view type) {
  return error.code == "insufficient_quota" || type == "insufficient_quota" ||
         type == "billing_error" || contains(lower(error.message), "credit balance is too low");
}

ProviderError::Kind kind_of(std::string_view type, const ProviderError& error) {
  const bool may_be_too_long = error.status != 401 && error.status != 403 && error.status != 429;
  if (may_be_too_long && says_too_long(type, error.code, error.message)) {
    return ProviderError::Kind::PromptTooLong;
  }
  if (error.status == 402 || says_quota_exhausted(error, type)) {
    return ProviderError::Kind::QuotaExhausted;
  }
  if (error.status == OverloadedAnthropic || error.status == OverloadedOpenAi ||
      type == "overloaded_error") {
    return ProviderError::Kind::Overloaded;
  }
  return ProviderError::Kind::Other;
}

/// The status that an error without one stands for.
int status_in(const ErrorDetails& details, std::string_view type) {
  if (is_error_status(details.number)) return details.number;
  const int reported = reported_status(type, details.code);
  return reported == 0 ? 502 : reported;
}

}  // namespace

ProviderError read_provider_error(int status, std::string_view body) {
  ProviderError error;
  ErrorDetails details;
  std::string ended;
  if (const auto parsed = parse_value(body)) {
    details = details_in(*parsed);
    ended = failed_end(*parsed);
  }
  // The type of an answer says nothing of its failure.
  if (!ended.empty() && details.message.empty()) {
    details.type = ended;
    details.code.clear();
  }
  error.message = cut_utf8(details.message, ProviderError::message_bytes_max);
  error.has_words = !error.message.empty();
  error.code = plain_word(details.code);
  error.param = plain_word(details.param);
  error.used = details.used;
  error.limit = details.limit;
  error.status = status < 400 ? status_in(details, details.type) : status;
  if (error.message.empty() && !ended.empty()) {
    error.message = "the provider ended its answer with '" + ended + "'";
  } else if (error.message.empty()) {
    // An HTML page or a fragment explains nothing to an API client and may hold anything, so the
    // message has only the status.
    error.message = "the provider answered with status " + std::to_string(error.status) +
                    (body.empty() ? " and no body" : " and no message");
  }
  error.kind = kind_of(details.type, error);
  const bool by_code = code_tells(details.type, details.code) && !details.code.empty();
  error.type = cut_utf8(by_code ? details.code : details.type, ProviderError::type_bytes_max);
  if (error.type.empty() && details.number != 0) error.type = std::to_string(details.number);
  return error;
}

}  // namespace vdm::proxy
