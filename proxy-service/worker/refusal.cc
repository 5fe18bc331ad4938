#include "proxy-service/worker/refusal.h"

#include "proxy-service/convert/errors/error_body.h"
#include "proxy-service/convert/errors/error_type.h"

namespace vdm::proxy {
namespace {

std::string_view openai_code(const Refusal& refusal) {
  if (refusal.status == 401) return "invalid_api_key";
  return refusal.type == "unknown_model" ? "model_not_found" : "";
}

}  // namespace

Refusal refusal_of(const Error& error) {
  return {http_status(error.kind), error_word(error.kind), error.message};
}

Refusal refusal_of(const http1::MessageRefusal& refusal) {
  return {refusal.status, "invalid_request", std::string(refusal.reason)};
}

Refusal refusal_of(const Error& error, Interrupt interrupted) {
  switch (interrupted) {
    case Interrupt::None:
      return refusal_of(error);
    case Interrupt::ClientGone:
      return {499, "client_gone", "the client closed the connection"};
    case Interrupt::Operator:
    case Interrupt::Shutdown:
      break;
  }
  return {503, "gateway_shutdown", "the gateway is shutting down"};
}

std::string error_body(Dialect dialect, const Refusal& refusal, std::string_view request_id) {
  if (dialect == Dialect::Anthropic) {
    return anthropic_error_body(anthropic_error_type(refusal.status), refusal.message, request_id);
  }
  return openai_error_body(openai_error_type(refusal.status), refusal.message, "",
                           openai_code(refusal));
}

std::string error_event(Dialect dialect, const Refusal& refusal, std::string_view request_id) {
  std::string event = dialect == Dialect::OpenAi ? "data: " : "event: error\ndata: ";
  return event.append(error_body(dialect, refusal, request_id)).append("\n\n");
}

}  // namespace vdm::proxy
