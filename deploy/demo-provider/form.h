#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/demo-provider/script.h"

namespace vdm::demo {

/// One write of a streamed answer. `weight` is the pause before it, in tokens: 0 for a write that
/// goes out with the one before it, 1 for a token, more for the end of a sentence or paragraph.
struct Step {
  std::string bytes;
  int weight = 0;
};

/// The values that differ between two answers to the same call.
struct Ids {
  std::string suffix;        ///< random; in all ids of the answer
  std::int64_t created = 0;  ///< Unix seconds
};

// These write a script in a dialect, framed exactly as the real provider frames it. Pure.

std::vector<Step> openai_stream(const Call& call, const Script& script, const Usage& usage,
                                const Ids& ids);
std::string openai_whole(const Call& call, const Script& script, const Usage& usage,
                         const Ids& ids);
std::vector<Step> anthropic_stream(const Call& call, const Script& script, const Usage& usage,
                                   const Ids& ids);
std::string anthropic_whole(const Call& call, const Script& script, const Usage& usage,
                            const Ids& ids);

/// The body of an error answer in the dialect; `status` determines its type.
std::string error_body(Dialect dialect, int status, std::string_view message, const Ids& ids);

/// The body that answers GET /v1/models in the dialect.
std::string models_body(Dialect dialect);

/// The weight of a token's step: 1, or more when the token ends a sentence or paragraph.
int weight_of(std::string_view token);

}  // namespace vdm::demo
