#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "proto/contract/event.h"

namespace vdm::proxy {

/// Which member limits an answer's length.
enum class TokenLimit : std::uint8_t { MaxTokens, MaxCompletionTokens };

/// How a target is asked to think.
enum class Thinking : std::uint8_t {
  Omit,      ///< it does not, or cannot be told
  Effort,    ///< OpenAI: reasoning_effort
  Budget,    ///< Anthropic: a number of tokens
  Adaptive,  ///< Anthropic: as it sees fit, with an effort
};

/// Where an OpenAI target takes its own earlier reasoning back.
enum class ReasoningHistory : std::uint8_t {
  Omit,
  Content,  ///< reasoning_content: DeepSeek, Kimi, GLM
  Details,  ///< reasoning_details with signatures: OpenRouter
};

/// Whether an Anthropic target takes entries of role "system" among the messages.
enum class SystemTurns : std::uint8_t { AsUserText, AsTheyAre };

/// What a conversion of a request needs to know of its target. Plain data.
struct RequestOptions {
  std::string model{};  ///< the target's name for it
  TokenLimit token_limit = TokenLimit::MaxTokens;
  Thinking thinking = Thinking::Omit;
  /// The words it takes for an effort, the least first.
  std::span<const std::string_view> efforts{};
  ReasoningHistory reasoning_history = ReasoningHistory::Omit;
  bool thought_signatures = false;  ///< Gemini wants them back
  bool sampling = true;             ///< OpenAI: takes a temperature other than 1
  bool file_parts = true;           ///< OpenAI: whether documents may be sent as files
  bool structured_output = false;   ///< Anthropic: output_config.format and strict tools
  SystemTurns system_turns = SystemTurns::AsUserText;
  std::int64_t max_tokens = 8192;  ///< Anthropic must be told one; for clients that name none
};

/// What is known of a model by its name, which is all that a provider's list says.
/// The one place that judges by it; an unknown model is asked for nothing special.
RequestOptions request_options(Dialect target, std::string_view model);

}  // namespace vdm::proxy
