#pragma once

#include <string>
#include <string_view>

#include "proto/contract/event.h"

namespace vdm::proxy {

/// What a provider's error means, whichever dialect said it.
enum class ProviderFault : std::uint8_t {
  Other,           ///< its status says the rest
  PromptTooLong,   ///< the context window is exceeded
  QuotaExhausted,  ///< paying helps, waiting does not
  Overloaded,      ///< the provider, not the client's rate
};

/// A provider's error answer, understood. Strings are its own: `message` is capped
/// and not redacted, and is never empty. Plain data.
struct ProviderError {
  int status = 502;
  ProviderFault fault = ProviderFault::Other;
  std::string message{};
  std::string code{};   ///< OpenAI's, where it said one
  std::string param{};  ///< likewise

  static constexpr std::size_t message_bytes_max = 2048;
};

/// Reads an error body of either dialect, of Google's (the same in an array), a bare
/// message, HTML or anything else. An error in a 200 answer has the status that its code
/// is or its words mean, else 502. Pure.
ProviderError read_provider_error(int status, std::string_view body);

/// A whole answer for the client.
struct ErrorAnswer {
  int status = 500;
  std::string body{};
};

/// The same error in the client's dialect. Between the two the caller redacts the message. Pure.
ErrorAnswer error_answer(Dialect client, const ProviderError& error, std::string_view request_id);

/// What an error of OpenAI's has; an empty text is null there.
struct OpenAiError {
  std::string_view type;
  std::string_view message;
  std::string_view param{};
  std::string_view code{};
};

/// The one place that writes an error of each dialect. Pure.
std::string anthropic_error_body(std::string_view type, std::string_view message,
                                 std::string_view request_id);
std::string openai_error_body(const OpenAiError& error);

}  // namespace vdm::proxy
