#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "metrics-service/cli/terminal/table.h"

namespace vdm::cli {

/// What the proxy's GET /v1/facts says, for a person. Pure. Thread: any.

/// Which rows of the facts hold for a model, what they say, what a request is sent and what is left
/// out of it, and what was learned.
Result<std::string> explained_facts(std::string_view body);

/// What providers taught by refusing it, a line each; a sentence when nothing was learned.
Result<std::string> learned_facts(std::string_view body, Colour colour);

}  // namespace vdm::cli
