#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/demo-provider/call.h"

namespace vdm::demo {

/// How an answer fails, as the model's name determines.
enum class ScriptedError { None, RateLimited, ServerError, Overloaded, UnknownModel, Cut, Stall };

/// How fast an answer comes, at speed 1.
struct Pace {
  std::chrono::milliseconds first_token{400};
  std::chrono::milliseconds per_token{25};
};

struct ToolCall {
  std::string name;
  std::vector<std::string> argument_tokens;  ///< together one JSON object
};

/// The content of an answer, token by token, before a dialect is applied.
struct Script {
  ScriptedError fault = ScriptedError::None;
  Pace pace;
  std::vector<std::string> thinking;
  std::vector<std::string> text;
  std::vector<ToolCall> tool_calls;
  bool at_limit = false;  ///< max_tokens cut the answer

  std::uint64_t output_tokens() const;
};

/// Decides what to answer. Pure: the same call gives the same script.
Script script_for(const Call& call);

/// Arguments that fit a tool's JSON schema, as one line of JSON. Pure.
std::string arguments_for(const json::object& schema, std::string_view asked);

struct Usage {
  std::uint64_t input = 0;  ///< all of the prompt, cached or not
  std::uint64_t cache_read = 0;
  std::uint64_t cache_creation = 0;
  std::uint64_t output = 0;
  std::uint64_t reasoning = 0;
};

/// Remembers the prompt prefixes of earlier calls, so that usage reports cached tokens as a real
/// provider does. Keeps at most 256 prefixes and forgets the least recently used. Thread: owner
/// only.
class PromptCache {
 public:
  static constexpr std::size_t PrefixesMax = 256;
  static constexpr std::uint64_t TokensMin = 32;

  /// Returns the usage of this call, and remembers its prefix if that is long enough to cache.
  Usage usage(const Call& call, const Script& script);

 private:
  std::list<std::uint64_t> seen_;  ///< the latest used first
};

}  // namespace vdm::demo
