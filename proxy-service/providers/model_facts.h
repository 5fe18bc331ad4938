#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-service/providers/trait.h"

namespace vdm::proxy {

/// What is known of a model at a provider. Plain data: the conversion of a request asks it, and
/// judges no model and no provider by its name.

/// The member that limits an answer's length.
enum class TokenLimit : std::uint8_t { MaxTokens, MaxCompletionTokens };

/// How a model is told to think.
enum class Reasoning : std::uint8_t {
  None,      ///< it does not think, or takes no setting for it
  Switch,    ///< on or off
  Effort,    ///< a word
  Budget,    ///< a number of tokens
  Adaptive,  ///< the model decides, within an effort
};

/// The member of a Chat request that asks for thinking.
enum class ReasoningRequest : std::uint8_t {
  ReasoningEffort,   ///< reasoning_effort: "high"
  Reasoning,         ///< reasoning: {effort: "high"}
  ReasoningEnabled,  ///< reasoning: {enabled: true}
  EnableThinking,    ///< enable_thinking: true
  Thinking,          ///< thinking: {type: "enabled"}
  TemplateArgs,      ///< chat_template_args: {enable_thinking: true}
};

/// The member in which a Chat target takes its own earlier reasoning.
enum class ReasoningHistory : std::uint8_t {
  Omit,     ///< none: it is left out
  Content,  ///< reasoning_content, without which it refuses the conversation
  Details,  ///< reasoning_details with signatures
};

/// What the ids of tool calls must look like.
enum class CallIds : std::uint8_t { Any, NineAlphanumerics };

/// The dialect of a door, which is an address of a provider.
enum class DoorDialect : std::uint8_t { Messages, Chat, Responses };

/// How hard to think, the least first.
enum class Effort : std::uint8_t { Minimal, Low, Medium, High, Xhigh, Max };

struct EffortWord {
  Effort effort;
  std::string word;  ///< the model's own word for it

  friend bool operator==(const EffortWord&, const EffortWord&) = default;
};

/// US dollars per million tokens. What is not stated is not known: never taken for 0.
struct Prices {
  std::optional<double> input{};
  std::optional<double> output{};
  std::optional<double> cache_read{};
  std::optional<double> cache_write{};

  friend bool operator==(const Prices&, const Prices&) = default;
};

/// Prices of a request whose input has more than so many tokens.
struct PriceTier {
  std::int64_t above_input_tokens = 0;
  Prices prices{};

  friend bool operator==(const PriceTier&, const PriceTier&) = default;
};

struct ModelFacts {
  // Figures; absent when nobody stated them for this very model.
  std::optional<std::int64_t> context_tokens{};
  std::optional<std::int64_t> output_tokens_max{};
  std::vector<std::string> input{};  ///< "text", "image", "audio", "document"
  Prices prices{};
  std::vector<PriceTier> price_tiers{};  ///< the least first
  std::vector<std::int64_t> cache_ttl_seconds{};
  std::optional<std::int64_t> request_bytes_max{};

  // Abilities.
  Reasoning reasoning = Reasoning::None;
  ReasoningRequest reasoning_request = ReasoningRequest::ReasoningEffort;
  std::vector<EffortWord> efforts{};  ///< the least first
  std::string effort_off{};           ///< the word for no thinking; empty: it has none
  ReasoningHistory reasoning_history = ReasoningHistory::Omit;
  TokenLimit token_limit = TokenLimit::MaxTokens;
  CallIds call_ids = CallIds::Any;
  std::string session_header{};          ///< the header that keeps a session at one server
  std::optional<DoorDialect> prefers{};  ///< the door that loses least for this model
  Traits traits{};

  bool has(Trait trait) const { return traits.has(trait); }

  friend bool operator==(const ModelFacts&, const ModelFacts&) = default;
};

/// What one row of a facts file states. What it does not state stays as a weaker row had it.
struct FactsRow {
  ModelFacts facts{};  ///< holds good where a bit below, or an optional of its own, says so
  Traits stated_traits{};
  bool has_input = false;
  bool has_prices = false;
  bool has_cache_ttl = false;
  bool has_reasoning = false;
  bool has_reasoning_request = false;
  bool has_efforts = false;
  bool has_reasoning_history = false;
  bool has_token_limit = false;
  bool has_call_ids = false;
  bool has_session_header = false;

  /// Figures hold for the very model that the row names; a row found by a prefix tells abilities.
  enum class Part : std::uint8_t { Abilities, Everything };
  void apply_to(ModelFacts& facts, Part part) const;

  friend bool operator==(const FactsRow&, const FactsRow&) = default;
};

}  // namespace vdm::proxy
