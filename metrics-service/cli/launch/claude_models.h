#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/env.h"
#include "metrics-service/cli/gateway/listed_aliases.h"
#include "metrics-service/cli/launch/claude.h"

namespace vdm::cli {

/// Whom Claude Code can ask through the proxy. Pure.
struct ClaudeModels {
  std::vector<ListedAlias> aliases{};
  std::string start{};                        ///< see start_model()
  std::optional<AnsweringModel> answering{};  ///< who answers that name; empty: not known
};

/// The model that Claude Code is told to start with, by `--model` or ANTHROPIC_MODEL; empty when it
/// chooses by itself (its own settings are not read).
std::string start_model(const std::vector<std::string>& arguments, const Env& env);

struct ModelChanges {
  Changes changes{};
  std::vector<std::string> notices{};  ///< sentences for the user
};

/// The variables by which Claude Code 2.1.332 learns of models and of their windows. A variable
/// that the user has set stays as it is.
///
/// CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY makes it ask GET /v1/models, if it has a token or a
/// key. ANTHROPIC_DEFAULT_{OPUS,SONNET,HAIKU}_MODEL name the aliases "opus", "sonnet" and "haiku"
/// where another maker's model answers them, and with a login alone ANTHROPIC_CUSTOM_MODEL_OPTION
/// names one more alias. CLAUDE_CODE_MAX_CONTEXT_TOKENS is the window of every model that Claude
/// Code does not know (a million tokens without it): that of the model it starts with, never larger
/// than the smallest alias's. A Claude's name keeps Claude's window, so that where another model
/// answers it, CLAUDE_CODE_AUTO_COMPACT_WINDOW is set too (100,000 tokens at least).
ModelChanges model_environment(const ClaudeModels& models, bool login_alone, const Env& env);

}  // namespace vdm::cli
