#include "proxy-service/completion/upstream_head.h"

#include "proxy-service/completion/client_request.h"
#include "proxy-service/upstream/credentials.h"

namespace vdm::proxy {

void append_forwarded(std::string& text, const Provider& provider, std::string_view lines) {
  if (provider.custom_headers.empty()) {
    text.append(lines);
    return;
  }
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n') + 1);
    if (!has_custom_header(provider, line.substr(0, line.find(':')))) text.append(line);
    lines.remove_prefix(line.size());
  }
}

namespace {

/// Whether the head has the field from the client or from the provider's configuration.
bool is_set(std::string_view name, const Provider& provider, const Door& door,
            const ClientRequest& request) {
  if (has_custom_header(provider, name)) return true;
  std::string_view lines =
      door.dialect == request.dialect ? std::string_view(request.forwarded) : std::string_view();
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n') + 1);
    if (http1::equal_ignoring_case(line.substr(0, line.find(':')), name)) return true;
    lines.remove_prefix(line.size());
  }
  return false;
}

}  // namespace

Result<std::string_view> UpstreamHead::write(const Provider& provider, const Door& door,
                                             std::size_t key, const ClientRequest& request,
                                             std::size_t content_length,
                                             const SessionField& session) {
  if (door_ != &door || key_ != key) {
    door_ = nullptr;
    if (const auto written = write_all_but_length(provider, door, key, request); !written) {
      return written.error();
    }
    door_ = &door;
    key_ = key;
    length_at_ = text_.size();
  }
  text_.resize(length_at_);
  http1::HeadWriter head(text_);
  head.field("content-length", content_length);
  if (!session.name.empty() && !is_set(session.name, provider, door, request)) {
    head.named_field(session.name, session.value);
  }
  head.end();
  return std::string_view(text_);
}

Result<void> UpstreamHead::write_all_but_length(const Provider& provider, const Door& door,
                                                std::size_t key, const ClientRequest& request) {
  const bool same_dialect = door.dialect == request.dialect;
  text_.clear();
  text_.reserve(request.forwarded.size() + 512);
  http1::HeadWriter head(text_);
  head.request_line("POST", upstream_target(provider, door, request.endpoint,
                                            same_dialect ? request.query : std::string_view()));
  head.field("host", door.base_url.authority);
  const Caller caller{request.own, request.dialect};
  if (const auto written = write_credentials(head, provider, door, key, caller); !written) {
    return written.error();
  }
  const bool needs_version =
      door.dialect == Dialect::Anthropic && !(same_dialect && request.has_anthropic_version);
  if (needs_version && !has_custom_header(provider, "anthropic-version")) {
    head.field("anthropic-version", AnthropicVersion);
  }
  if (same_dialect) {
    append_forwarded(text_, provider, request.forwarded);
  } else {
    head.field("content-type", "application/json");
    const std::string& user_agent = request.facts->user_agent;
    if (!user_agent.empty() && !has_custom_header(provider, "user-agent")) {
      head.field("user-agent", user_agent);
    }
  }
  head.field("accept-encoding", "identity");
  if (head.ok()) return {};
  return Error{ErrorKind::Internal,
               "provider '" + provider.name + "': its configured headers cannot be sent"};
}

}  // namespace vdm::proxy
