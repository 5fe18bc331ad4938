#pragma once

#include <array>
#include <string_view>

#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Providers with a public address, which need only a key. A setting ({P}_BASE_URL, {P}_API_FORMAT,
/// the file) always wins.
struct KnownProvider {
  std::string_view name;
  std::string_view base_url;
  Dialect dialect = Dialect::OpenAi;
};

inline constexpr std::array<KnownProvider, 22> KnownProviders{{
    {"agentrouter", "https://agentrouter.org/v1"},
    {"agentroutera", "https://agentrouter.org", Dialect::Anthropic},
    {"anthropic", "https://api.anthropic.com", Dialect::Anthropic},
    {"cerebras", "https://api.cerebras.ai/v1"},
    {"deepseek", "https://api.deepseek.com/v1"},
    {"fireworks", "https://api.fireworks.ai/inference/v1"},
    {"gemini", "https://generativelanguage.googleapis.com/v1beta/openai"},
    {"groq", "https://api.groq.com/openai/v1"},
    {"kimi", "https://api.moonshot.ai/v1"},
    {"longcat", "https://api.longcat.chat/openai/v1"},
    {"longcata", "https://api.longcat.chat/anthropic", Dialect::Anthropic},
    {"mistral", "https://api.mistral.ai/v1"},
    {"moonshot", "https://api.moonshot.ai/v1"},
    {"nanogpt", "https://nano-gpt.com/api/v1"},
    {"openai", "https://api.openai.com/v1"},
    {"openrouter", "https://openrouter.ai/api/v1"},
    {"perplexity", "https://api.perplexity.ai"},
    {"poe", "https://api.poe.com/v1"},
    {"together", "https://api.together.xyz/v1"},
    {"xai", "https://api.x.ai/v1"},
    {"zai", "https://api.z.ai/api/anthropic", Dialect::Anthropic},
    {"zaio", "https://api.z.ai/api/paas/v4"},
}};

/// How the tokens begin with which a provider's subscribers call it; no other provider may get one.
struct SubscriptionToken {
  std::string_view prefix;
  std::string_view issuer;
  Dialect dialect = Dialect::OpenAi;
};

inline constexpr std::array<SubscriptionToken, 1> SubscriptionTokens{{
    {"sk-ant-oat", "anthropic", Dialect::Anthropic},
}};

}  // namespace vdm::proxy
