#include "proxy-service/worker/authenticator.h"

#include <algorithm>

#include "common/base/host_port.h"

namespace vdm::proxy {
namespace {

std::string_view bearer_of(const http1::Fields& fields) {
  const auto authorization = fields.get(http1::FieldName::Authorization);
  constexpr std::string_view Bearer = "bearer ";
  if (!authorization || authorization->size() <= Bearer.size()) return {};
  if (!http1::equal_ignoring_case(authorization->substr(0, Bearer.size()), Bearer)) return {};
  return http1::trimmed(authorization->substr(Bearer.size()));
}

AccessKeys access_keys(const Access& access) {
  std::vector<AccessKey> keys = access.named_keys;
  if (!access.proxy_api_key.empty()) {
    keys.push_back(access_key("PROXY_API_KEY", access.proxy_api_key, Role::Admin));
  }
  return AccessKeys(std::move(keys));
}

}  // namespace

ClientKeys client_keys(const http1::Fields& fields) {
  return {.api_key = fields.get(http1::FieldName::XApiKey).value_or(""),
          .bearer = bearer_of(fields),
          .gateway = fields.get("x-vandamme-key").value_or("")};
}

const std::optional<Sha256>& CredentialCache::digest(std::string_view key) {
  if (key == key_.reveal()) return digest_;
  key_ = Secret(std::string(key));
  digest_.reset();
  label_.clear();
  if (!key.empty()) {
    digest_ = sha256(key);
    label_ = hex_prefix(*digest_, 12);
  }
  return digest_;
}

AuthResult Authenticator::admit(const ClientKeys& keys, CredentialCache& shown,
                                SystemTime now) const {
  if (!guarded_) {
    shown.digest(keys.api_key.empty() ? keys.bearer : keys.api_key);
    return {.admitted = true, .own = {.api_key = keys.api_key, .bearer = keys.bearer}};
  }
  AuthResult expired;
  for (const std::string_view ours : {keys.gateway, keys.api_key, keys.bearer}) {
    if (ours.empty()) continue;
    const AccessKey* const key = keys_.find(*shown.digest(ours));
    if (key == nullptr) continue;
    if (key->has_expired(now)) {
      expired.key = key;
      continue;
    }
    // No provider ever gets a key of ours, in whichever field the client sent it.
    return {.admitted = true,
            .own = {.api_key = unless_ours(keys.api_key, ours),
                    .bearer = unless_ours(keys.bearer, ours)},
            .key = key};
  }
  return expired;
}

std::string_view Authenticator::unless_ours(std::string_view key, std::string_view shown) const {
  if (key.empty() || key == shown) return {};
  return keys_.find(sha256(key)) == nullptr ? key : std::string_view();
}

ClientCredential Authenticator::credential(const ClientKeys& own) const {
  ClientCredential credential{.api_key = Secret(std::string(own.api_key)),
                              .bearer = Secret(std::string(own.bearer))};
  find_issuer(credential, subscription_tokens_);
  return credential;
}

Authenticator::Authenticator(const Config& config)
    : hosts_{"localhost", "127.0.0.1", "[::1]"},
      subscription_tokens_(subscription_tokens(*config.models.facts)) {
  for (const std::string& host : config.access.allowed_hosts) hosts_.push_back(host);
  // We answer to the address that we listen on, unless it is a wildcard.
  const std::string& bound = config.listen.host;
  if (!is_wildcard_host(bound)) hosts_.push_back(url_host(bound));
  keys_ = access_keys(config.access);
  guarded_ = keys_.guard();
}

bool Authenticator::knows_host(const http1::RequestHead& head) const {
  // HTTP/1.0 may come without a Host: no browser sends that, so it is no DNS rebinding.
  const std::string_view name = head.host_name();
  if (name.empty()) return head.minor_version() == 0;
  return std::ranges::any_of(
      hosts_, [name](const std::string& host) { return http1::equal_ignoring_case(host, name); });
}

}  // namespace vdm::proxy
