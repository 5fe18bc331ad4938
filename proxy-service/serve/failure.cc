#include "proxy-service/serve/failure.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace vdm::proxy {
namespace {

namespace json = boost::json;

std::string_view machine_word(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidRequest:
      return "invalid_request";
    case ErrorKind::Unauthorized:
      return "unauthorized";
    case ErrorKind::Forbidden:
      return "forbidden";
    case ErrorKind::NotFound:
      return "not_found";
    case ErrorKind::UnknownModel:
      return "unknown_model";
    case ErrorKind::TooLarge:
      return "too_large";
    case ErrorKind::ClientGone:
      return "client_gone";
    case ErrorKind::UpstreamRejected:
      return "upstream_error";
    case ErrorKind::UpstreamTimeout:
      return "upstream_timeout";
    case ErrorKind::Overloaded:
      return "overloaded";
    case ErrorKind::Internal:
      return "internal_error";
  }
  std::abort();  // every kind is listed above
}

json::object anthropic_error(const Failure& failure, std::string_view request_id) {
  return {{"type", "error"},
          {"error",
           {{"type", json::string_view(anthropic_error_type(failure.status))},
            {"message", failure.message}}},
          {"request_id", json::string_view(request_id)}};
}

json::object openai_error(const Failure& failure) {
  json::value code(nullptr);
  if (failure.type == "unknown_model") code = "model_not_found";
  if (failure.status == 401) code = "invalid_api_key";
  return {{"error",
           {{"message", failure.message},
            {"type", json::string_view(openai_error_type(failure.status))},
            {"param", nullptr},
            {"code", code}}}};
}

}  // namespace

Failure failure_of(const Error& error) {
  return {http_status(error.kind), machine_word(error.kind), error.message};
}

Failure failure_of(const http1::Refusal& refusal) {
  return {refusal.status, "invalid_request", std::string(refusal.reason)};
}

std::string_view anthropic_error_type(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
    case 529:
      return "overloaded_error";
    case 504:
      return "timeout_error";
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

std::string error_body(Dialect dialect, const Failure& failure, std::string_view request_id) {
  return json::serialize(dialect == Dialect::OpenAi ? openai_error(failure)
                                                    : anthropic_error(failure, request_id));
}

std::string error_event(Dialect dialect, const Failure& failure, std::string_view request_id) {
  std::string event = dialect == Dialect::OpenAi ? "data: " : "event: error\ndata: ";
  return event.append(error_body(dialect, failure, request_id)).append("\n\n");
}

}  // namespace vdm::proxy
