#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace vdm::proxy {

/// The models that Claude's tiers (haiku, sonnet, opus) mean at well-known providers when the
/// configuration does not say (as of December 2025). A configured alias always wins.
struct FallbackAliases {
  /// ByTheWholeName for providers whose own models have the tiers in their names: those names must
  /// not be replaced.
  enum class Meant : std::uint8_t { ByTheWholeName, WithinAName };

  std::string_view provider;
  Meant meant;
  std::string_view haiku;
  std::string_view sonnet;
  std::string_view opus;
};

inline constexpr std::array<FallbackAliases, 13> Fallbacks{{
    {"agentrouter", FallbackAliases::Meant::ByTheWholeName, "glm-4.6", "glm-4.6",
     "claude-opus-4-5-20251101"},
    {"agentroutera", FallbackAliases::Meant::ByTheWholeName, "claude-haiku-4-5-20251001",
     "claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101"},
    {"anthropic", FallbackAliases::Meant::ByTheWholeName, "claude-haiku-4-5-20251001",
     "claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101"},
    {"deepseek", FallbackAliases::Meant::WithinAName, "deepseek-chat", "deepseek-reasoner",
     "deepseek-reasoner"},
    {"kimi", FallbackAliases::Meant::WithinAName, "kimi-k2-thinking-turbo",
     "kimi-k2-thinking-turbo", "kimi-k2-thinking-turbo"},
    {"longcat", FallbackAliases::Meant::WithinAName, "LongCat-Flash-Chat", "LongCat-Flash-Thinking",
     "LongCat-Flash-Thinking-2601"},
    {"longcata", FallbackAliases::Meant::WithinAName, "LongCat-Flash-Chat",
     "LongCat-Flash-Thinking", "LongCat-Flash-Thinking-2601"},
    {"nanogpt", FallbackAliases::Meant::ByTheWholeName, "zai-org/glm-4.7-flash-original:thinking",
     "moonshotai/Kimi-K2-Instruct-0905", "zai-org/glm-4.7-original:thinking"},
    {"openai", FallbackAliases::Meant::WithinAName, "gpt-5.1-mini", "gpt-5.1-codex", "gpt-5.2"},
    {"openrouter", FallbackAliases::Meant::ByTheWholeName, "openai/gpt-5.1-codex-mini",
     "openai/gpt-5.1-codex-mini", "openai/gpt-5.1-codex-max"},
    {"poe", FallbackAliases::Meant::ByTheWholeName, "gpt-5.1-mini", "gpt-5.1-codex-mini",
     "gpt-5.1-codex-max"},
    {"zai", FallbackAliases::Meant::WithinAName, "GLM-4.7-Flash", "GLM-5-Turbo", "GLM-5.1"},
    {"zaio", FallbackAliases::Meant::WithinAName, "GLM-4.5-Air", "GLM-4.7", "GLM-4.7"},
}};

}  // namespace vdm::proxy
