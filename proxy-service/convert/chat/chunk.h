#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "proxy-service/body/json_walk.h"
#include "proxy-service/convert/errors/stream_error.h"
#include "proxy-service/tap/usage.h"

namespace vdm::proxy {

/// What one chunk of an OpenAI stream says, as views into its text. Texts are as
/// written between their quotes, with legal escapes. Only the first choice is
/// read: an Anthropic client cannot ask for more. Pure.

/// Gemini's thought_signature, and under whose name it stood (a constant).
struct Signature {
  std::string_view signer;
  std::string_view text;
};

/// A piece of what is said or thought; a signature is of the thinking before it.
struct TextPiece {
  enum class Kind : std::uint8_t { Text, Thinking, Signature, Redacted };
  Kind kind;
  std::string_view text;
};

/// One entry of tool_calls; a stream sends each many times over, in pieces.
struct CallPiece {
  std::optional<std::uint64_t> index;
  std::string_view id;
  std::string_view name;
  std::string_view arguments;
  bool arguments_are_json = false;  ///< an object where a string should be: not escaped
  Signature signature;
};

struct ChatChunk {
  std::string_view json;            ///< the whole of it
  std::vector<TextPiece> thinking;  ///< each in its order
  std::vector<TextPiece> texts;
  std::string_view refusal;
  std::vector<CallPiece> calls;
  Signature signature;  ///< beside the calls, not of one
  std::string_view finish_reason;
  bool has_choices = false;
  bool choices_empty = false;
  ReportedUsage usage;
  ProviderErrorText error;

  /// Keeps the memory.
  void clear();
};

/// Reads one chunk; false when it is not one object, or not JSON.
bool read_openai_chunk(std::string_view json, JsonWalk& walk, ChatChunk& chunk);

}  // namespace vdm::proxy
