#include "proxy-service/config/original_settings.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

namespace vdm::proxy {
namespace {

struct Ignored {
  std::string_view name;
  std::string_view instead;
};

constexpr std::string_view ByAlias = "aliases say which model a name means: {P}_ALIAS_{NAME}";
constexpr std::string_view ByModel =
    "a model's own limits hold; VDM_MODELS_FILE states output_tokens_max";
constexpr std::string_view ByDataDir =
    "lists of models are kept for ten minutes, in VDM_DATA_DIR; none keeps them in memory alone";
constexpr std::string_view AtStart = "aliases are worked out once at start, so none is cached";
constexpr std::string_view InCalls =
    "signatures travel in the ids of tool calls, so none is kept here";
constexpr std::string_view ByLists =
    "GET /top-models takes the first models of all providers' own lists, kept in VDM_DATA_DIR";
constexpr std::string_view NoPages = "the dashboard links to no pages of providers";
constexpr std::string_view ByProvider =
    "headers are set for one provider: {P}_CUSTOM_HEADER_{NAME}, or custom-headers in its table";

constexpr std::array Variables{
    Ignored{"ALIAS_CACHE_MAX_SIZE", AtStart},
    Ignored{"ALIAS_CACHE_TTL_SECONDS", AtStart},
    Ignored{"BIG_MODEL", ByAlias},
    Ignored{"CACHE_DIR", ByDataDir},
    Ignored{"GEMINI_THOUGHT_SIGNATURES_ENABLED", InCalls},
    Ignored{"MAX_TOKENS_LIMIT", ByModel},
    Ignored{"MIDDLE_MODEL", ByAlias},
    Ignored{"MIN_TOKENS_LIMIT", ByModel},
    Ignored{"MODELS_CACHE_ENABLED", ByDataDir},
    Ignored{"MODELS_CACHE_TTL_HOURS", ByDataDir},
    Ignored{"SMALL_MODEL", ByAlias},
    Ignored{"THOUGHT_SIGNATURE_CACHE_TTL", InCalls},
    Ignored{"THOUGHT_SIGNATURE_CLEANUP_INTERVAL", InCalls},
    Ignored{"THOUGHT_SIGNATURE_MAX_CACHE_SIZE", InCalls},
    Ignored{"TOP_MODELS_CACHE_DIR", ByLists},
    Ignored{"TOP_MODELS_CACHE_TTL_DAYS", ByLists},
    Ignored{"TOP_MODELS_EXCLUDE", ByLists},
    Ignored{"TOP_MODELS_RANKINGS_FILE", ByLists},
    Ignored{"TOP_MODELS_SOURCE", ByLists},
    Ignored{"TOP_MODELS_TIMEOUT_SECONDS", ByLists},
};
/// Behind a provider's prefix.
constexpr std::array ProvidersVariables{
    Ignored{"_MODELS_URL", NoPages},
    Ignored{"_MODEL_PAGE", NoPages},
};
constexpr std::string_view HeaderForAll = "CUSTOM_HEADER_";

constexpr std::array ProvidersKeys{
    Ignored{"model-page", NoPages},
    Ignored{"models-url", NoPages},
    Ignored{"tool-name-sanitization",
            "names of tools that a provider would refuse are always changed, and changed back"},
};

std::string sentence(std::string_view name, std::string_view instead) {
  std::string text(name);
  return text.append(": has no effect, unlike in the original; ").append(instead);
}

}  // namespace

std::vector<std::string> original_variables(const Env& env,
                                            const std::vector<Provider>& providers) {
  std::vector<std::string> notices;
  for (const auto& [name, instead] : Variables) {
    if (env.get(name)) notices.push_back(sentence(name, instead));
  }
  for (const Provider& provider : providers) {
    for (const auto& [suffix, instead] : ProvidersVariables) {
      const std::string name = env_prefix(provider.name).append(suffix);
      if (env.get(name)) notices.push_back(sentence(name, instead));
    }
  }
  for (auto at = env.all().lower_bound(std::string(HeaderForAll));
       at != env.all().end() && at->first.starts_with(HeaderForAll); ++at) {
    notices.push_back(sentence(at->first, ByProvider));
  }
  return notices;
}

std::vector<std::string> original_files(const Env& env, const std::string& directory) {
  namespace fs = std::filesystem;
  constexpr std::string_view ItsFile = "vandamme-config.toml";
  std::vector<std::string> notices;
  const auto note = [&notices](const fs::path& file, std::string_view instead) {
    std::error_code absent;
    if (!fs::exists(file, absent)) return;
    notices.push_back(file.lexically_normal().string() + ": is not read, unlike by the original; " +
                      std::string(instead));
  };
  constexpr std::string_view Rename = "rename it to vandamme.toml, or name it with --config";
  note(fs::path(directory) / ItsFile, Rename);
  if (const auto home = env.get("HOME")) {
    note(fs::path(*home) / ".config" / "vandamme-proxy" / ItsFile, Rename);
  }
  note(fs::path(directory) / ".env", "export its variables, or write vandamme.toml");
  return notices;
}

std::string_view instead_of_original_key(std::string_view key) {
  const auto* const found = std::ranges::find(ProvidersKeys, key, &Ignored::name);
  return found == ProvidersKeys.end() ? std::string_view() : found->instead;
}

}  // namespace vdm::proxy
