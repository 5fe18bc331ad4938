#pragma once

#include <cstdint>
#include <string_view>

#include "proxy-service/body/json_walk.h"

namespace vdm::proxy {

/// What the word means that a provider ends an answer with: finish_reason in OpenAI's dialect,
/// stop_reason in Anthropic's. Every maker has words of its own; one table has them all, and no
/// other place knows them. Pure.
enum class EndMeaning : std::uint8_t {
  Ended,        ///< an ordinary end, as is a word that the table does not have
  GoesOn,       ///< no end: some providers send a word with every chunk
  Length,       ///< a limit of the output, or of time
  ContextFull,  ///< the context window has no room for more output
  Tools,        ///< the client is to call tools
  Filtered,     ///< the provider withholds content, or the model refuses
  Failed,       ///< the provider or the model failed: what came is not an answer
};

/// `word` as it stands between its quotes, in any case.
EndMeaning meaning_of_end(std::string_view word);

/// The word that ended an answer, as views of the JSON that has it.
struct EndReading {
  std::string_view word;     ///< empty while the answer goes on
  std::string_view failure;  ///< the word that means a failure, if one does
};

/// Reads finish_reason or stop_reason.
bool read_end(JsonWalk& walk, EndReading& end);
/// Reads OpenRouter's native_finish_reason, the maker's own word: it tells of failures for which
/// finish_reason says "stop".
bool read_native_end(JsonWalk& walk, EndReading& end);

}  // namespace vdm::proxy
