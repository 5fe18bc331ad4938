#include "proxy-service/routing/alias.h"

#include <algorithm>

namespace vdm::proxy {
namespace {

constexpr std::size_t ModelBytesMax = 256;

bool is_name(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

}  // namespace

std::string fold(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) c = fold(c);
  return folded;
}

std::vector<Alias> aliases_from_env(const Env& env, const std::vector<Provider>& providers) {
  std::vector<Alias> aliases;
  for (const Provider& provider : providers) {
    const std::string prefix = env_prefix(provider.name) + "_ALIAS_";
    for (auto at = env.all().lower_bound(prefix);
         at != env.all().end() && at->first.starts_with(prefix); ++at) {
      const std::string_view name = std::string_view(at->first).substr(prefix.size());
      aliases.push_back({.key = at->first,
                         .name = fold(name),
                         .scope = Alias::Scope::Provider,
                         .provider = provider.name,
                         .targets = {{std::string(trimmed(at->second))}}});
    }
  }
  return aliases;
}

std::string fault_of(const Alias& alias) {
  const auto expected = [&](std::string_view what, std::string_view got) {
    std::string text = alias.key;
    return text.append(": expected ").append(what).append(", got '").append(got.substr(0, 80)) +
           "'";
  };
  if (!is_name(alias.name, AliasBytesMax) || alias.name.front() == '!') {
    return expected("an alias of 1 to 128 visible characters", alias.name);
  }
  if (alias.targets.empty() || alias.targets.size() > TargetsMax ||
      alias.fallback.size() > TargetsMax) {
    return alias.key + ": expected 1 to 32 targets, and at most 32 to fall back on";
  }
  for (const WeightedModel& target : alias.targets) {
    if (!is_name(target.model, ModelBytesMax)) return expected("a model's name", target.model);
    if (target.weight == 0 || target.weight > WeightMax) {
      return expected("a weight of 1..1000", std::to_string(target.weight));
    }
  }
  for (const std::string& model : alias.fallback) {
    if (!is_name(model, ModelBytesMax)) return expected("a model's name", model);
  }
  return {};
}

}  // namespace vdm::proxy
