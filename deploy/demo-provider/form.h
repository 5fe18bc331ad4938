#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/demo-provider/script.h"

namespace vdm::demo {

/// One write of a streamed answer. Weight says how long it takes to come: 0 goes
/// with what was before it, 1 is a token, more is a breath at the end of a sentence.
struct Step {
  std::string bytes;
  int weight = 0;
};

/// What varies between two answers to the same call.
struct Ids {
  std::string suffix;        ///< random, of all ids in the answer
  std::int64_t created = 0;  ///< Unix seconds
};

// A script in a dialect's clothes, framed exactly as the real provider frames it. Pure.

std::vector<Step> openai_stream(const Call& call, const Script& script, const Usage& usage,
                                const Ids& ids);
std::string openai_whole(const Call& call, const Script& script, const Usage& usage,
                         const Ids& ids);
std::vector<Step> anthropic_stream(const Call& call, const Script& script, const Usage& usage,
                                   const Ids& ids);
std::string anthropic_whole(const Call& call, const Script& script, const Usage& usage,
                            const Ids& ids);

/// The body of a refusal in the dialect; `status` chooses the type.
std::string error_body(Dialect dialect, int status, std::string_view message, const Ids& ids);

/// GET /v1/models in the dialect.
std::string models_body(Dialect dialect);

/// 1 for a token, more when it ends a sentence or paragraph.
int weight_of(std::string_view token);

}  // namespace vdm::demo
