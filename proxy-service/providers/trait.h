#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vdm::proxy {

/// What a model takes or wants at a provider, as far as it is a yes or a no. The facts files name
/// each by its group and its word: `takes.stop`, `wants.tool_stream`.
enum class Trait : std::uint8_t {
  TakesSampling,
  TakesTemperatureWithTopP,
  TakesStop,
  TakesStrict,
  TakesStore,
  TakesStreamOptions,
  TakesEffortWithTools,
  TakesDeveloperRole,
  TakesSystemTurns,
  TakesCacheControl,
  TakesCacheControlOnTools,
  TakesParallelToolCalls,
  TakesImagesInToolResults,
  TakesFileParts,
  TakesUnsignedThinking,
  TakesUser,
  TakesServiceTier,
  WantsSchemaProperties,
  WantsToolStream,
  WantsThoughtSignatures,
  WantsEffortOffWithTools,
  WantsAssistantAfterTool,
};

struct TraitName {
  Trait trait;
  std::string_view group;  ///< "takes" or "wants"
  std::string_view word;
  std::string_view help;  ///< what it means, for `vdm models --explain` and the README
};

inline constexpr std::array<TraitName, 22> TraitNames{{
    {Trait::TakesSampling, "takes", "sampling", "a temperature other than 1, and top_p"},
    {Trait::TakesTemperatureWithTopP, "takes", "temperature_with_top_p", "both in one request"},
    {Trait::TakesStop, "takes", "stop", "texts that end the answer"},
    {Trait::TakesStrict, "takes", "strict", "strict tools and output schemas"},
    {Trait::TakesStore, "takes", "store", "the member `store`"},
    {Trait::TakesStreamOptions, "takes", "stream_options", "a stream's usage on request"},
    {Trait::TakesEffortWithTools, "takes", "effort_with_tools", "an effort beside tools"},
    {Trait::TakesDeveloperRole, "takes", "developer_role", "messages of role developer"},
    {Trait::TakesSystemTurns, "takes", "system_turns", "system messages mid conversation"},
    {Trait::TakesCacheControl, "takes", "cache_control", "marks of what to cache"},
    {Trait::TakesCacheControlOnTools, "takes", "cache_control_on_tools", "the same on tools"},
    {Trait::TakesParallelToolCalls, "takes", "parallel_tool_calls", "the member of that name"},
    {Trait::TakesImagesInToolResults, "takes", "images_in_tool_results",
     "images as a tool's result"},
    {Trait::TakesFileParts, "takes", "file_parts", "documents as parts of a message"},
    {Trait::TakesUnsignedThinking, "takes", "unsigned_thinking", "thinking without a signature"},
    {Trait::TakesUser, "takes", "user", "the member `user`"},
    {Trait::TakesServiceTier, "takes", "service_tier", "the member `service_tier`"},
    {Trait::WantsSchemaProperties, "wants", "schema_properties",
     "`properties` in the schema of an object"},
    {Trait::WantsToolStream, "wants", "tool_stream", "`tool_stream` to stream a call's arguments"},
    {Trait::WantsThoughtSignatures, "wants", "thought_signatures",
     "the signatures of its calls back"},
    {Trait::WantsEffortOffWithTools, "wants", "effort_off_with_tools",
     "an effort that is off beside tools"},
    {Trait::WantsAssistantAfterTool, "wants", "assistant_after_tool",
     "the assistant's word between a tool's result and a user's message"},
}};

/// The trait that `group.word` names.
constexpr std::optional<Trait> find_trait(std::string_view group, std::string_view word) {
  for (const TraitName& name : TraitNames) {
    if (name.group == group && name.word == word) return name.trait;
  }
  return std::nullopt;
}

/// A set of traits.
class Traits {
 public:
  constexpr bool has(Trait trait) const { return (bits_ & bit(trait)) != 0; }
  constexpr void set(Trait trait, bool to = true) {
    bits_ = to ? bits_ | bit(trait) : bits_ & ~bit(trait);
  }

  friend constexpr bool operator==(const Traits&, const Traits&) = default;

 private:
  static constexpr std::uint32_t bit(Trait trait) {
    return std::uint32_t{1} << static_cast<unsigned>(trait);
  }

  std::uint32_t bits_ = 0;
};

}  // namespace vdm::proxy
