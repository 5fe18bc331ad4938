#include "metrics-service/cli/launch/claude_models.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "common/base/text.h"
#include "metrics-service/cli/terminal/table.h"

namespace vdm::cli {
namespace {

/// A sentence names so many aliases at most.
constexpr std::size_t ShownMax = 5;

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> Tiers{
    {{"opus", "OPUS"}, {"sonnet", "SONNET"}, {"haiku", "HAIKU"}}};

bool is_claude(std::string_view model) { return contains(lower(model), "claude"); }

void set_unless_set(Changes& changes, const Env& env, const std::string& name, std::string value) {
  if (!env.get(name)) changes[name] = std::move(value);
}

bool is_tier(const ListedAlias& alias) {
  return std::ranges::any_of(Tiers, [&](const auto& tier) { return tier.first == alias.alias; });
}

/// Names the tiers that another maker's model answers by their aliases: a Claude's name would get a
/// Claude's window.
void name_tiers(ModelChanges& made, const std::vector<ListedAlias>& aliases, const Env& env) {
  for (const auto& [word, suffix] : Tiers) {
    const auto alias = std::ranges::find(aliases, word, &ListedAlias::alias);
    if (alias == aliases.end() || is_claude(alias->target)) continue;
    const std::string variable = "ANTHROPIC_DEFAULT_" + std::string(suffix) + "_MODEL";
    if (env.get(variable)) continue;
    made.changes[variable] = alias->id;
    set_unless_set(made.changes, env, variable + "_NAME", alias->alias + ": " + alias->target);
  }
}

/// Without a token or a key Claude Code does not ask for models: one alias it can be told of.
void name_one(ModelChanges& made, const std::vector<ListedAlias>& aliases, const Env& env) {
  if (aliases.empty()) return;
  const auto other = std::ranges::find_if_not(aliases, is_tier);
  constexpr const char* Option = "ANTHROPIC_CUSTOM_MODEL_OPTION";
  if (other != aliases.end() && !env.get(Option)) {
    made.changes[Option] = other->id;
    set_unless_set(made.changes, env, std::string(Option) + "_NAME", other->alias);
    set_unless_set(made.changes, env, std::string(Option) + "_DESCRIPTION", other->target);
  }
  std::string names;
  for (std::size_t i = 0; i < std::min(aliases.size(), ShownMax); ++i) {
    names.append(names.empty() ? "" : ", ").append(printable(aliases[i].id));
  }
  if (aliases.size() > ShownMax) names.append(", …");
  made.notices.push_back(
      "with a login alone Claude Code asks for no list of models: its /model shows those that its "
      "own variables name, at most one besides opus, sonnet and haiku; --model takes every "
      "alias: " +
      names);
}

/// The start model's window, never larger than the smallest alias's; 0 when none is known.
std::uint64_t window_of(const ClaudeModels& models) {
  std::uint64_t window = 0;
  const auto keep_smaller = [&](std::uint64_t tokens) {
    if (tokens > 0 && (window == 0 || tokens < window)) window = tokens;
  };
  if (models.answering) keep_smaller(models.answering->context_tokens);
  for (const ListedAlias& alias : models.aliases) keep_smaller(alias.context_tokens);
  return window;
}

void tell_window(ModelChanges& made, const ClaudeModels& models, const Env& env) {
  constexpr const char* Window = "CLAUDE_CODE_MAX_CONTEXT_TOKENS";
  const bool foreign =
      models.answering && !models.answering->model.empty() && !is_claude(models.answering->model);
  const std::uint64_t window = window_of(models);
  if (window > 0) set_unless_set(made.changes, env, Window, std::to_string(window));
  if (foreign && window > 0 && is_claude(models.start)) {
    set_unless_set(made.changes, env, "CLAUDE_CODE_AUTO_COMPACT_WINDOW", std::to_string(window));
  }
  if (foreign && models.answering->context_tokens == 0 && !env.get(Window)) {
    made.notices.push_back("the window of " + printable(models.answering->model) +
                           " is not known, and Claude Code takes its own guess; " + Window +
                           " states it");
  }
}

}  // namespace

std::string start_model(const std::vector<std::string>& arguments, const Env& env) {
  constexpr std::string_view Flag = "--model";
  std::string model = env.get("ANTHROPIC_MODEL").value_or("");
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    const std::string& word = arguments[i];
    if (word == Flag && i + 1 < arguments.size()) model = arguments[++i];
    if (word.starts_with("--model=")) model = word.substr(Flag.size() + 1);
  }
  return model;
}

ModelChanges model_environment(const ClaudeModels& models, bool login_alone, const Env& env) {
  ModelChanges made;
  set_unless_set(made.changes, env, "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY", "1");
  // It waits three seconds by default; a provider's list may take longer the first time.
  set_unless_set(made.changes, env, "CLAUDE_CODE_GATEWAY_MODEL_DISCOVERY_TIMEOUT_MS", "10000");
  name_tiers(made, models.aliases, env);
  if (login_alone) name_one(made, models.aliases, env);
  tell_window(made, models, env);
  return made;
}

}  // namespace vdm::cli
