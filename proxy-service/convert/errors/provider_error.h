#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vdm::proxy {

/// The status with which each API says that it is overloaded.
inline constexpr int OverloadedAnthropic = 529;
inline constexpr int OverloadedOpenAi = 503;

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
  std::int64_t used = 0;  ///< tokens of a prompt that is too long, if they stand beside the message
  std::int64_t limit = 0;  ///< and of the window
  bool has_words = false;  ///< the provider said something; else `message` is made of the status
  std::string type{};      ///< as the provider wrote it, or its code if code_tells()
  std::string code{};      ///< OpenAI's code, if the error has one
  std::string param{};     ///< OpenAI's param, if the error has one

  static constexpr std::size_t message_bytes_max = 2048;
  static constexpr std::size_t stream_message_bytes_max = 256;
  static constexpr std::size_t type_bytes_max = 64;
};

/// Reads an error body of any form (error_details reads them), or a page or fragment that is none.
/// If `status` is below 400, it takes the status from the error's code when that is a number, else
/// the one that its type or code stands for, else 502. An answer that ends with a word for failure
/// is an error of that word. Pure.
ProviderError read_provider_error(int status, std::string_view body);

}  // namespace vdm::proxy
