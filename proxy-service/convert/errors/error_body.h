#pragma once

#include <string>
#include <string_view>

#include "proto/contract/event.h"
#include "proxy-service/convert/errors/provider_error.h"

namespace vdm::proxy {

/// The status and the body of an error answer to the client.
struct ErrorBody {
  int status = 500;
  std::string body{};
};

/// Writes the error in the client's dialect. Before this, the caller redacts its message. Pure.
ErrorBody error_answer(Dialect client, const ProviderError& error, std::string_view request_id);

/// Only these two functions write an error of each dialect. An empty `param` or `code` becomes
/// null. Pure.
std::string anthropic_error_body(std::string_view type, std::string_view message,
                                 std::string_view request_id);
std::string openai_error_body(std::string_view type, std::string_view message,
                              std::string_view param, std::string_view code);

}  // namespace vdm::proxy
