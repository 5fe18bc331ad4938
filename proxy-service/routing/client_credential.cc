#include "proxy-service/routing/client_credential.h"

#include <algorithm>
#include <utility>

#include "proxy-service/routing/known_providers.h"
#include "proxy-service/routing/model_ref.h"

namespace vdm::proxy {
namespace {

/// Null for what is no subscription's token.
const SubscriptionToken* subscription_token(const ClientCredential& own) {
  const auto* found = std::ranges::find_if(SubscriptionTokens, [&own](const auto& token) {
    return own.bearer.reveal().starts_with(token.prefix) ||
           own.api_key.reveal().starts_with(token.prefix);
  });
  return found == SubscriptionTokens.end() ? nullptr : found;
}

}  // namespace

bool is_subscription(const ClientCredential& own) { return subscription_token(own) != nullptr; }

bool may_have(const std::vector<Provider>& providers, std::size_t target, std::size_t named,
              const ClientCredential& own) {
  const BaseUrl& address = providers[target].base_url;
  if (own.empty() || address != providers[named].base_url) return false;
  const SubscriptionToken* const token = subscription_token(own);
  if (token == nullptr) return true;
  const auto issuer = find_provider(providers, token->issuer);
  return issuer ? address == providers[*issuer].base_url
                : providers[target].dialect == token->dialect;
}

Result<void> leave_out_others(ModelRoute& route, const std::vector<Provider>& providers,
                              const ClientCredential& own) {
  const auto left_out = [&](const Target& target) {
    return providers[target.provider].auth == AuthMode::ClientKey &&
           !may_have(providers, target.provider, route.named, own);
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
  return {ErrorKind::Unauthorized,
          "provider '" + provider.name + "' is called with the client's own key; " +
              (own.empty() ? "none was sent" : "the one that was sent is for another provider")};
}

}  // namespace vdm::proxy
