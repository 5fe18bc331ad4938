#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vdm::proxy {

/// Reads what a stream machine wrote as a strict client would, and says the first
/// rule it breaks: the order of Anthropic's events, the shape of OpenAI's chunks.

struct SeenBlock {
  std::string type{};
  std::string text{};  ///< or thinking, or the JSON of a tool's input
  std::string id{};
  std::string name{};
};

struct SeenStream {
  std::string fault;  ///< empty when every rule is kept
  std::vector<SeenBlock> blocks;
  std::string reason;  ///< stop_reason or finish_reason
  bool begun = false;
  bool ended = false;  ///< message_stop or [DONE]
  bool error = false;
  std::optional<std::uint64_t> input_tokens;  ///< prompt_tokens, without what was cached
  std::optional<std::uint64_t> output_tokens;
  std::optional<std::uint64_t> cached_tokens;

  /// "text:Hello tool:get_weather{…}", for a test to compare with.
  std::string content() const;
};

SeenStream read_anthropic_stream(std::string_view text);
SeenStream read_openai_stream(std::string_view text);

}  // namespace vdm::proxy
