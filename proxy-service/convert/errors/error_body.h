#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/contract/event.h"

namespace vdm::proxy {

/// A provider's error, understood, whichever dialect reported it. Strings are the provider's
/// own, capped and not redacted; `message` is never empty. Plain data.
struct ProviderError {
  enum class Kind : std::uint8_t {
    Other,           ///< its status says the rest
    PromptTooLong,   ///< the context window is exceeded
    QuotaExhausted,  ///< paying helps, waiting does not
    Overloaded,      ///< the provider, not the client's rate
  };

  int status = 502;
  Kind kind = Kind::Other;
  std::string message{};
  std::string type{};   ///< of a stream's error: its type, or its code where that tells more
  std::string code{};   ///< OpenAI's, where there is one
  std::string param{};  ///< likewise

  static constexpr std::size_t message_bytes_max = 2048;
  static constexpr std::size_t stream_message_bytes_max = 256;
  static constexpr std::size_t type_bytes_max = 64;
};

/// Reads an error body of either dialect, of Google's (the same in an array), a bare
/// message, HTML or anything else. An error in a 200 answer has the status that its code
/// is or its words mean, else 502. Pure.
ProviderError read_provider_error(int status, std::string_view body);

/// A whole answer for the client.
struct ErrorBody {
  int status = 500;
  std::string body{};
};

/// The same error in the client's dialect. Between the two the caller redacts the message. Pure.
ErrorBody error_answer(Dialect client, const ProviderError& error, std::string_view request_id);

/// The one place that writes an error of each dialect; an empty `param` or `code` is null. Pure.
std::string anthropic_error_body(std::string_view type, std::string_view message,
                                 std::string_view request_id);
std::string openai_error_body(std::string_view type, std::string_view message,
                              std::string_view param, std::string_view code);

}  // namespace vdm::proxy
