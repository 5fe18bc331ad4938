#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "proxy-service/providers/facts_table.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// What a client shows besides the gateway's key: its own credential, for providers that are called
/// with the client's (AuthMode::ClientKey), in the field it came in. It is for one provider alone,
/// the one that the model's name means first; a subscription's token is for the provider that
/// issued it. Pure.
struct ClientCredential {
  Secret api_key{};      ///< of x-api-key
  Secret bearer{};       ///< of Authorization: Bearer
  std::string issuer{};  ///< of a subscription's token: the known provider of that name
  Dialect issuer_dialect = Dialect::OpenAi;

  bool empty() const { return api_key.empty() && bearer.empty(); }
  /// Whether a subscription pays for what is asked with it, and no key.
  bool is_subscription() const { return !issuer.empty(); }
};

/// How the tokens begin of the known providers that have subscribers.
struct SubscriptionToken {
  std::string begin;
  std::string issuer;
  Dialect dialect = Dialect::OpenAi;
};
std::vector<SubscriptionToken> subscription_tokens(const FactsTable& facts);

/// Finds out whose subscription's token it is, if it is one.
void find_issuer(ClientCredential& own, const std::vector<SubscriptionToken>& tokens);

/// Whether the target, whose provider is called with the client's credential, may have this one in
/// a request that means the provider at `named` first. That one must have a door of the target's
/// address. A subscription's token goes only where its issuer speaks its own dialect; if no
/// provider of the issuer's name is configured, the target need only speak that dialect. An implied
/// provider takes none but its own kind of credential.
bool may_have(const std::vector<Provider>& providers, const Target& target, std::size_t named,
              const ClientCredential& own);

/// Takes the targets out of `route` that want the client's credential and may not have this one.
/// When none is left, an error, and `route` as it was.
Result<void> leave_out_others(ModelRoute& route, const std::vector<Provider>& providers,
                              const ClientCredential& own);

/// The error for a provider that wants the client's credential and may not have this one.
Error no_credential_for(const Provider& provider, const ClientCredential& own);

}  // namespace vdm::proxy
