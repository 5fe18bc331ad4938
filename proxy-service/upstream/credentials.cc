#include "proxy-service/upstream/credentials.h"

#include <algorithm>

#include "common/http1/field_name.h"

namespace vdm::proxy {

bool has_custom_header(const Provider& provider, std::string_view name) {
  return std::ranges::any_of(provider.custom_headers, [name](const auto& header) {
    return http1::equal_ignoring_case(header.first, name);
  });
}

namespace {

void write_key(http1::HeadWriter& head, const Provider& provider, KeyHeader where,
               std::string_view key) {
  switch (where) {
    case KeyHeader::XApiKey:
      if (!has_custom_header(provider, "x-api-key")) head.field("x-api-key", key);
      break;
    case KeyHeader::ApiKey:
      if (!has_custom_header(provider, "api-key")) head.field("api-key", key);
      break;
    case KeyHeader::Bearer:
      if (has_custom_header(provider, "authorization")) break;
      head.field("authorization", std::string("Bearer ").append(key));
      break;
  }
}

/// Both of a client's keys if it sent two: which of them counts is the provider's to say.
void write_own(http1::HeadWriter& head, const Provider& provider, const Door& door,
               const Caller& caller) {
  const Secret& api_key = caller.own.api_key;
  const Secret& bearer = caller.own.bearer;
  if (door.dialect != Dialect::Anthropic) {
    const Secret& shown = bearer.empty() ? api_key : bearer;
    return write_key(head, provider, key_header(provider, door), shown.reveal());
  }
  if (!api_key.empty()) write_key(head, provider, KeyHeader::XApiKey, api_key.reveal());
  if (bearer.empty()) return;
  // A client of the other dialect has no other field for a key than Bearer.
  const bool as_key = caller.dialect != door.dialect && !caller.own.is_subscription();
  if (as_key && !api_key.empty()) return;
  write_key(head, provider, as_key ? key_header(provider, door) : KeyHeader::Bearer,
            bearer.reveal());
}

}  // namespace

Result<void> write_credentials(http1::HeadWriter& head, const Provider& provider, const Door& door,
                               std::size_t key, const Caller& caller) {
  for (const auto& [name, value] : provider.custom_headers) head.named_field(name, value);
  switch (provider.auth) {
    case AuthMode::None:
      return {};
    case AuthMode::ClientKey:
      if (caller.own.empty()) return no_credential_for(provider, caller.own);
      write_own(head, provider, door, caller);
      return {};
    case AuthMode::Key:
      break;
  }
  if (key >= provider.keys.size()) {
    return Error{ErrorKind::Internal, "provider '" + provider.name + "' has no key"};
  }
  write_key(head, provider, key_header(provider, door), provider.keys[key].reveal());
  return {};
}

Credential credential_shown(const Provider& provider, const ClientCredential& own) {
  switch (provider.auth) {
    case AuthMode::None:
      return Credential::None;
    case AuthMode::ClientKey:
      return own.is_subscription() ? Credential::Subscription : Credential::ClientKey;
    case AuthMode::Key:
      break;
  }
  return Credential::Key;
}

Result<std::string> own_request_head(const Provider& provider, const Door& door,
                                     const Caller& caller, const OwnRequest& request) {
  std::string text;
  http1::HeadWriter head(text);
  head.request_line(request.method,
                    upstream_target(provider, door, request.endpoint, request.query));
  head.field("host", door.base_url.authority);
  if (const auto written = write_credentials(head, provider, door, 0, caller); !written) {
    return written.error();
  }
  const bool needs_version =
      door.dialect == Dialect::Anthropic && !has_custom_header(provider, "anthropic-version");
  if (needs_version) head.field("anthropic-version", AnthropicVersion);
  head.field("accept", "application/json").field("accept-encoding", "identity");
  if (request.body_bytes) {
    head.field("content-type", "application/json").field("content-length", *request.body_bytes);
  }
  head.end();
  if (head.ok()) return text;
  return Error{ErrorKind::Internal,
               "provider '" + provider.name + "': its configured headers cannot be sent"};
}

}  // namespace vdm::proxy
