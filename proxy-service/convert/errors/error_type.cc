#include "proxy-service/convert/errors/error_type.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace vdm::proxy {
namespace {

struct Word {
  std::string_view word;
  int status;
};

/// The types and codes of both dialects and of servers that speak them, with the status of each.
constexpr Word Words[] = {
    {"authentication_error", 401},
    {"BadRequestError", 400},
    {"billing_error", 402},
    {"context_length_exceeded", 400},
    {"exceed_context_size_error", 400},
    {"engine_overloaded", 503},
    {"insufficient_quota", 429},
    {"insufficient_system_resource", 503},
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

/// The status that a word stands for, or that it is as a number; 0 when neither.
int status_of(std::string_view word) {
  int status = 0;
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), status);
  const bool is_number = fault == std::errc{} && end == word.data() + word.size();
  if (is_number) return status >= 400 && status < 600 ? status : 0;
  const auto found = std::ranges::find(Words, word, &Word::word);
  return found == std::end(Words) ? 0 : found->status;
}

}  // namespace

bool code_tells(std::string_view type, std::string_view code) {
  return type.empty() || (status_of(type) == 0 && status_of(code) != 0);
}

int reported_status(std::string_view type, std::string_view code) {
  return status_of(code_tells(type, code) ? code : type);
}

std::string_view anthropic_error_type(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 408:
    case 504:
      return "timeout_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

std::string_view openai_error_type(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 429:
      return "rate_limit_error";
    case 503:
      return "overloaded_error";
    case 504:
      return "timeout_error";
    default:
      return status < 500 ? "invalid_request_error" : "server_error";
  }
}

}  // namespace vdm::proxy
