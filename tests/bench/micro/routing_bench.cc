#include <benchmark/benchmark.h>

#include <string>

#include "proxy-service/routing/resolver.h"

namespace vdm::proxy {
namespace {

/// Five providers, and as many configured aliases as a benchmark needs.
struct Rig {
  explicit Rig(std::int64_t aliases) {
    for (const char* name : {"anthropic", "groq", "openai", "openrouter", "poe"}) {
      providers.push_back({.name = name});
    }
    for (std::int64_t i = 0; i < aliases; ++i) {
      const std::string name = "alias-number-" + std::to_string(i);
      rules.aliases.push_back({.key = name,
                               .name = name,
                               .scope = Alias::Scope::Provider,
                               .provider = "openai",
                               .targets = {{"gpt-5.2"}}});
    }
  }

  std::vector<Provider> providers;
  AliasRules rules;
};

void resolve(benchmark::State& state, const char* name) {
  const Rig rig(state.range(0));
  const Resolver resolver(rig.providers, "openai", rig.rules);
  Balancer balancer;
  for (auto _ : state) {
    benchmark::DoNotOptimize(resolver.resolve(name, Dialect::OpenAi, balancer));
  }
}
BENCHMARK_CAPTURE(resolve, bare_name, "gpt-5.1-codex-max")->Arg(0)->Arg(10)->Arg(1000);
BENCHMARK_CAPTURE(resolve, with_provider, "groq:llama-3.3-70b-versatile")->Arg(0)->Arg(1000);
BENCHMARK_CAPTURE(resolve, alias, "claude-haiku-4-5-20251001")->Arg(0)->Arg(1000);

}  // namespace
}  // namespace vdm::proxy
