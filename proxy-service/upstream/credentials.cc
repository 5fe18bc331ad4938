#include "proxy-service/upstream/credentials.h"

#include <algorithm>

#include "common/http1/field_name.h"

namespace vdm::proxy {

bool has_custom_header(const Provider& provider, std::string_view name) {
  return std::ranges::any_of(provider.custom_headers, [name](const auto& header) {
    return http1::equal_ignoring_case(header.first, name);
  });
}

Result<void> write_credentials(http1::HeadWriter& head, const Provider& provider, std::size_t key,
                               const Secret& client_key) {
  for (const auto& [name, value] : provider.custom_headers) head.named_field(name, value);
  if (provider.auth == AuthMode::None) return {};
  const bool uses_clients = provider.auth == AuthMode::ClientKey;
  const Secret& shown = uses_clients || provider.keys.empty() ? client_key : provider.keys[key];
  if (shown.empty()) {
    return Error{
        ErrorKind::Unauthorized,
        "provider '" + provider.name + "' is called with the client's own key; none was sent"};
  }
  switch (key_header(provider)) {
    case KeyHeader::XApiKey:
      if (!has_custom_header(provider, "x-api-key")) head.field("x-api-key", shown.reveal());
      break;
    case KeyHeader::ApiKey:
      if (!has_custom_header(provider, "api-key")) head.field("api-key", shown.reveal());
      break;
    case KeyHeader::Bearer:
      if (has_custom_header(provider, "authorization")) break;
      head.field("authorization", std::string("Bearer ").append(shown.reveal()));
      break;
  }
  return {};
}

Result<std::string> own_request_head(const Provider& provider, const Secret& client_key,
                                     const OwnRequest& request) {
  std::string text;
  http1::HeadWriter head(text);
  head.request_line(request.method, upstream_target(provider, request.endpoint, request.query));
  head.field("host", provider.base_url.authority);
  if (const auto written = write_credentials(head, provider, 0, client_key); !written) {
    return written.error();
  }
  const bool needs_version =
      provider.dialect == Dialect::Anthropic && !has_custom_header(provider, "anthropic-version");
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
