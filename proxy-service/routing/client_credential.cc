#include "proxy-service/routing/client_credential.h"

#include <algorithm>
#include <utility>

#include "proxy-service/routing/model_ref.h"

namespace vdm::proxy {

std::vector<SubscriptionToken> subscription_tokens(const FactsTable& facts) {
  std::vector<SubscriptionToken> tokens;
  for (const auto& [name, provider] : facts.providers()) {
    if (provider.subscriptions_begin.empty() || provider.doors.empty()) continue;
    const bool messages = provider.doors.front().dialect == DoorDialect::Messages;
    tokens.push_back(
        {provider.subscriptions_begin, name, messages ? Dialect::Anthropic : Dialect::OpenAi});
  }
  return tokens;
}

void find_issuer(ClientCredential& own, const std::vector<SubscriptionToken>& tokens) {
  for (const SubscriptionToken& token : tokens) {
    if (!own.bearer.reveal().starts_with(token.begin) &&
        !own.api_key.reveal().starts_with(token.begin)) {
      continue;
    }
    own.issuer = token.issuer;
    own.issuer_dialect = token.dialect;
  }
}

bool may_have(const std::vector<Provider>& providers, const Target& target, std::size_t named,
              const ClientCredential& own) {
  const Provider& provider = providers[target.provider];
  const Door& door = door_for(provider, target.dialect);
  if (own.empty() || !has_address(providers[named], door.base_url)) return false;
  const std::string& begin = provider.implied_for;
  const bool is_its_kind =
      own.api_key.reveal().starts_with(begin) || own.bearer.reveal().starts_with(begin);
  if (!is_its_kind) return false;
  if (!own.is_subscription()) return true;
  const auto issuer = find_provider(providers, own.issuer);
  return issuer ? door.base_url == door_for(providers[*issuer], own.issuer_dialect).base_url
                : door.dialect == own.issuer_dialect;
}

Result<void> leave_out_others(ModelRoute& route, const std::vector<Provider>& providers,
                              const ClientCredential& own) {
  const auto left_out = [&](const Target& target) {
    return providers[target.provider].auth == AuthMode::ClientKey &&
           !may_have(providers, target, route.named, own);
  };
  if (left_out(route.first)) {
    const auto next = std::ranges::find_if_not(route.rest, left_out);
    if (next == route.rest.end()) {
      return no_credential_for(providers[route.first.provider], own);
    }
    route.first = std::move(*next);
    route.rest.erase(route.rest.begin(), next + 1);
  }
  std::erase_if(route.rest, left_out);
  return {};
}

Error no_credential_for(const Provider& provider, const ClientCredential& own) {
  if (is_implied(provider)) return no_key_of(provider.name);
  return {ErrorKind::Unauthorized,
          "provider '" + provider.name + "' is called with the client's own key; " +
              (own.empty() ? "none was sent" : "the one that was sent is for another provider")};
}

}  // namespace vdm::proxy
