#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-service/providers/model_facts.h"

namespace vdm::proxy {

/// One provider of the facts files. Plain data.

/// An address at which the provider speaks a dialect.
struct KnownDoor {
  DoorDialect dialect = DoorDialect::Chat;
  std::string base_url;
  std::string key_header{};  ///< where it reads the key, if not in its dialect's header; lower case

  friend bool operator==(const KnownDoor&, const KnownDoor&) = default;
};

/// The models that Claude's tiers mean at the provider when the configuration does not say.
struct ModelTiers {
  /// Whether a tier is meant by a whole name only. True for providers whose own models have the
  /// tiers in their names: those names must not be replaced.
  bool by_whole_name = false;
  std::string haiku{};
  std::string sonnet{};
  std::string opus{};

  friend bool operator==(const ModelTiers&, const ModelTiers&) = default;
};

struct KnownProvider {
  std::string name{};     ///< lower case, as in provider:model
  std::string source{};   ///< where its rows are from
  bool is_maker = false;  ///< its rows hold for its models at other providers, too
  /// What resellers write before the slash for its models, besides its name: "mistralai".
  std::vector<std::string> vendor_names{};
  std::vector<std::string> litellm_names{};  ///< what LiteLLM calls it, when that differs
  std::vector<std::string> models_of{};  ///< makers whose models it serves under their own names
  std::vector<KnownDoor> doors{};        ///< the first is the one without another hint
  std::optional<ModelTiers> tiers{};
  std::string keys_begin{};           ///< how its keys begin; empty: not known
  std::string subscriptions_begin{};  ///< how its subscribers' tokens do; empty: it has none
  FactsRow defaults{};                ///< for all its models
  /// By the model's name in lower case. A name that ends with a star stands for all that begin so.
  std::map<std::string, FactsRow, std::less<>> models{};
};

}  // namespace vdm::proxy
