#include "proxy-service/routing/resolver.h"

#include "proxy-service/routing/model_ref.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t ShownBytesMax = 80;

Error unknown_model(std::string_view model, const std::vector<Provider>& providers) {
  std::string known;
  for (const Provider& provider : providers) {
    known.append(known.empty() ? "" : ", ").append(provider.name);
  }
  std::string message = "model: no provider is known for '";
  message.append(model.substr(0, ShownBytesMax)).append("'; write provider:model with one of ");
  message.append(known.empty() ? "(none configured)" : known);
  return Error{ErrorKind::UnknownModel, std::move(message)};
}

}  // namespace

Resolver::Resolver(const std::vector<Provider>& providers, std::string_view default_provider)
    : providers_(providers), default_(find_provider(providers, default_provider)) {}

std::optional<std::size_t> Resolver::provider_for(Dialect client) const {
  if (default_) return default_;
  if (providers_.size() == 1) return 0;
  const bool anthropic = client == Dialect::Anthropic;
  const auto own = find_provider(providers_, anthropic ? "anthropic" : "openai");
  if (own) return own;
  const auto only = only_provider_of(client);
  return only ? only : find_provider(providers_, anthropic ? "openai" : "anthropic");
}

std::optional<std::size_t> Resolver::only_provider_of(Dialect dialect) const {
  std::optional<std::size_t> only;
  for (std::size_t index = 0; index < providers_.size(); ++index) {
    if (providers_[index].dialect != dialect) continue;
    if (only) return std::nullopt;
    only = index;
  }
  return only;
}

Result<Target> Resolver::resolve(std::string_view model, Dialect client) const {
  // Profiles and aliases will rewrite the reference here, unless it is literal.
  const ModelRef ref = parse_model_ref(model, providers_);
  if (ref.model.empty()) {
    return Error{ErrorKind::InvalidRequest, "model: expected a model's name, got '" +
                                                std::string(model.substr(0, ShownBytesMax)) + "'"};
  }

  const auto provider = ref.provider ? ref.provider : provider_for(client);
  if (!provider) return unknown_model(model, providers_);

  return Target{*provider, std::string(ref.model), providers_[*provider].dialect};
}

}  // namespace vdm::proxy
