#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "proxy-service/body/json_walk.h"
#include "proxy-service/tap/end_word.h"
#include "proxy-service/tap/error_reading.h"
#include "proxy-service/tap/usage.h"

namespace vdm::proxy {

/// Reads one chunk of an OpenAI stream into views of its text. The views hold strings as they stand
/// between their quotes, with legal escapes. It reads only the first choice, as an Anthropic client
/// cannot ask for more. Pure.

/// Gemini's thought_signature, and the name of the member it stood in ("google" or "vertex").
struct Signature {
  std::string_view signer;
  std::string_view text;
};

/// A piece of text or thinking. A signature signs the thinking before it.
struct TextPiece {
  enum class Kind : std::uint8_t { Text, Thinking, Signature, Redacted };
  Kind kind;
  std::string_view text;
};

/// One entry of tool_calls. A stream sends each call in many such pieces.
struct CallPiece {
  std::optional<std::uint64_t> index{};
  std::size_t place = 0;  ///< in the chunk's array of calls
  bool alone = true;      ///< the array has no other call
  std::string_view id{};
  std::string_view name{};
  std::string_view arguments{};
  bool has_arguments = false;       ///< the member is there, if only with an empty text
  bool arguments_are_json = false;  ///< sent as an object, not a string: not escaped
  Signature signature{};
};

struct ChatChunk {
  std::string_view json;            ///< the chunk's whole text
  std::vector<TextPiece> thinking;  ///< in the order sent, as are the texts
  std::vector<TextPiece> texts;
  std::string_view refusal;
  std::vector<CallPiece> calls;
  Signature signature;  ///< sent outside the entry of a call
  EndReading end;
  bool has_choices = false;
  bool choices_empty = false;
  ReportedUsage usage;
  ErrorReading error;

  /// Empties the chunk, and keeps the memory of its vectors.
  void clear();
};

/// Reads one chunk; false when it is not one object, or not JSON.
bool read_openai_chunk(std::string_view json, JsonWalk& walk, ChatChunk& chunk);

}  // namespace vdm::proxy
