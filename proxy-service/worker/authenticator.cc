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

AuthResult Authenticator::admit(const ClientKeys& keys, CredentialCache& shown) const {
  if (!key_) {
    shown.digest(keys.api_key.empty() ? keys.bearer : keys.api_key);
    return {.admitted = true, .own = {.api_key = keys.api_key, .bearer = keys.bearer}};
  }
  for (const std::string_view ours : {keys.gateway, keys.api_key, keys.bearer}) {
    if (ours.empty() || !admits(shown.digest(ours))) continue;
    // No provider ever gets our key, in whichever field the client sent it.
    const auto unless_ours = [ours](std::string_view key) { return key == ours ? "" : key; };
    return {.admitted = true,
            .own = {.api_key = unless_ours(keys.api_key), .bearer = unless_ours(keys.bearer)}};
  }
  return {};
}

bool Authenticator::admits(const std::optional<Sha256>& key) const {
  return !key_ || (key && equal_in_constant_time(*key, *key_));
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
  if (!config.access.proxy_api_key.empty()) key_ = sha256(config.access.proxy_api_key.reveal());
}

bool Authenticator::knows_host(const http1::RequestHead& head) const {
  // HTTP/1.0 may come without a Host: no browser sends that, so it is no DNS rebinding.
  const std::string_view name = head.host_name();
  if (name.empty()) return head.minor_version() == 0;
  return std::ranges::any_of(
      hosts_, [name](const std::string& host) { return http1::equal_ignoring_case(host, name); });
}

}  // namespace vdm::proxy
