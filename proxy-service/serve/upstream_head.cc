#include "proxy-service/serve/upstream_head.h"

#include <algorithm>

#include "proxy-service/serve/completion_call.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view AnthropicVersion = "2023-06-01";

bool is_custom(const Provider& provider, std::string_view name) {
  return std::ranges::any_of(provider.custom_headers, [name](const auto& header) {
    return http1::equal_ignoring_case(header.first, name);
  });
}

/// The client's lines but for those that the provider's configuration replaces.
void append_forwarded(std::string& text, const Provider& provider, std::string_view lines) {
  if (provider.custom_headers.empty()) {
    text.append(lines);
    return;
  }
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n') + 1);
    if (!is_custom(provider, line.substr(0, line.find(':')))) text.append(line);
    lines.remove_prefix(line.size());
  }
}

}  // namespace

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
      if (!is_custom(provider, "x-api-key")) head.field("x-api-key", shown.reveal());
      break;
    case KeyHeader::ApiKey:
      if (!is_custom(provider, "api-key")) head.field("api-key", shown.reveal());
      break;
    case KeyHeader::Bearer:
      if (is_custom(provider, "authorization")) break;
      head.field("authorization", std::string("Bearer ").append(shown.reveal()));
      break;
  }
  return {};
}

Result<std::string_view> UpstreamHead::write(const Provider& provider, std::size_t key,
                                             const CompletionCall& call,
                                             std::size_t content_length) {
  if (provider_ != &provider || key_ != key) {
    provider_ = nullptr;
    if (const auto written = write_all_but_length(provider, key, call); !written) {
      return written.error();
    }
    provider_ = &provider;
    key_ = key;
    length_at_ = text_.size();
  }
  text_.resize(length_at_);
  http1::HeadWriter head(text_);
  head.field("content-length", content_length);
  head.end();
  return std::string_view(text_);
}

Result<void> UpstreamHead::write_all_but_length(const Provider& provider, std::size_t key,
                                                const CompletionCall& call) {
  const bool same_dialect = provider.dialect == call.dialect;
  text_.clear();
  text_.reserve(call.forwarded.size() + 512);
  http1::HeadWriter head(text_);
  head.request_line("POST", upstream_target(provider, call.endpoint,
                                            same_dialect ? call.query : std::string_view()));
  head.field("host", provider.base_url.authority);
  if (const auto written = write_credentials(head, provider, key, call.own_key); !written) {
    return written.error();
  }
  const bool needs_version =
      provider.dialect == Dialect::Anthropic && !(same_dialect && call.has_anthropic_version);
  if (needs_version && !is_custom(provider, "anthropic-version")) {
    head.field("anthropic-version", AnthropicVersion);
  }
  if (same_dialect) {
    append_forwarded(text_, provider, call.forwarded);
  } else {
    head.field("content-type", "application/json");
    if (!call.user_agent.empty() && !is_custom(provider, "user-agent")) {
      head.field("user-agent", call.user_agent);
    }
  }
  head.field("accept-encoding", "identity");
  if (head.ok()) return {};
  return Error{ErrorKind::Internal,
               "provider '" + provider.name + "': its configured headers cannot be sent"};
}

}  // namespace vdm::proxy
