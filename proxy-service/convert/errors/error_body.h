#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/contract/event.h"

namespace vdm::proxy {

/// A provider's error, the same for both dialects. The strings are the provider's own, capped and
/// not redacted; `message` is never empty. Plain data.
struct ProviderError {
  enum class Kind : std::uint8_t {
    Other,           ///< the status alone tells what it means
    PromptTooLong,   ///< the prompt exceeds the context window
    QuotaExhausted,  ///< the account has no quota or credit left
    Overloaded,      ///< the provider has too much load; not a rate limit
  };

  int status = 502;
  Kind kind = Kind::Other;
  std::string message{};
  std::string type{};   ///< of an error in a stream: its type, or its code if code_tells()
  std::string code{};   ///< OpenAI's code, if the error has one
  std::string param{};  ///< OpenAI's param, if the error has one

  static constexpr std::size_t message_bytes_max = 2048;
  static constexpr std::size_t stream_message_bytes_max = 256;
  static constexpr std::size_t type_bytes_max = 64;
};

/// Reads an error body of either dialect, Google's form (the same in an array), a bare message,
/// HTML or anything else. If `status` is below 400, it takes the status from the error's code when
/// that is a number, else the one that its type or code stands for, else 502. Pure.
ProviderError read_provider_error(int status, std::string_view body);

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
