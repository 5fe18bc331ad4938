#include "proxy-service/serve/failure.h"

#include <cstdlib>

#include "proxy-service/convert/error_body.h"
#include "proxy-service/convert/error_type.h"

namespace vdm::proxy {
namespace {

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

std::string_view openai_code(const Failure& failure) {
  if (failure.status == 401) return "invalid_api_key";
  return failure.type == "unknown_model" ? "model_not_found" : "";
}

}  // namespace

Failure failure_of(const Error& error) {
  return {http_status(error.kind), machine_word(error.kind), error.message};
}

Failure failure_of(const http1::Refusal& refusal) {
  return {refusal.status, "invalid_request", std::string(refusal.reason)};
}

std::string error_body(Dialect dialect, const Failure& failure, std::string_view request_id) {
  if (dialect == Dialect::Anthropic) {
    return anthropic_error_body(anthropic_error_type(failure.status), failure.message, request_id);
  }
  return openai_error_body({.type = openai_error_type(failure.status),
                            .message = failure.message,
                            .code = openai_code(failure)});
}

std::string error_event(Dialect dialect, const Failure& failure, std::string_view request_id) {
  std::string event = dialect == Dialect::OpenAi ? "data: " : "event: error\ndata: ";
  return event.append(error_body(dialect, failure, request_id)).append("\n\n");
}

}  // namespace vdm::proxy
