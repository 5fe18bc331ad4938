#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "proto/contract/event.h"

namespace vdm::proxy {

/// The member that limits an answer's length.
enum class TokenLimit : std::uint8_t { MaxTokens, MaxCompletionTokens };

/// How a request asks the target to think.
enum class Thinking : std::uint8_t {
  Omit,      ///< the target does not think, or takes no setting for it
  Effort,    ///< OpenAI: reasoning_effort
  Budget,    ///< Anthropic: a number of tokens
  Adaptive,  ///< Anthropic: the model decides, within an effort
};

/// The member in which an OpenAI target accepts its own earlier reasoning.
enum class ReasoningHistory : std::uint8_t {
  Omit,
  Content,  ///< reasoning_content: DeepSeek, Kimi, GLM
  Details,  ///< reasoning_details with signatures: OpenRouter
};

/// Whether an Anthropic target accepts entries of role "system" among the messages.
enum class SystemTurns : std::uint8_t { AsUserText, AsTheyAre };

/// What the conversion of a request needs to know about its target. Plain data.
struct RequestOptions {
  std::string model{};  ///< the target's name for the model
  TokenLimit token_limit = TokenLimit::MaxTokens;
  Thinking thinking = Thinking::Omit;
  /// The efforts that the target accepts, the least first.
  std::span<const std::string_view> efforts{};
  ReasoningHistory reasoning_history = ReasoningHistory::Omit;
  bool thought_signatures = false;  ///< Gemini requires its signatures back
  bool sampling = true;             ///< OpenAI: accepts a temperature other than 1
  bool file_parts = true;           ///< OpenAI: accepts documents as file parts
  bool structured_output = false;   ///< Anthropic: accepts output_config.format and strict tools
  SystemTurns system_turns = SystemTurns::AsUserText;
  std::int64_t max_tokens = 8192;  ///< Anthropic requires one; for clients that send none
};

/// Derives the options from the model's name, as a provider's list has nothing else. No other place
/// judges a model by its name. An unknown model gets the defaults.
RequestOptions request_options(Dialect target, std::string_view model);

}  // namespace vdm::proxy
