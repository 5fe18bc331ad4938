#include "proxy-service/forward/forward_head.h"

#include "proxy-service/completion/upstream_head.h"
#include "proxy-service/upstream/credentials.h"

namespace vdm::proxy {

Result<std::string> forward_head(const Provider& provider, const Door& door, std::size_t key,
                                 const ClientRequest& request, const ForwardRequest& forward,
                                 const ForwardFraming& framing) {
  std::string text;
  text.reserve(request.forwarded.size() + 512);
  http1::HeadWriter head(text);
  head.request_line(forward.method, forwarded_target(provider, door, forward.path, request.query));
  head.field("host", door.base_url.authority);
  const Caller caller{request.own, request.dialect};
  if (const auto written = write_credentials(head, provider, door, key, caller); !written) {
    return written.error();
  }
  const bool needs_version = door.dialect == Dialect::Anthropic && !request.has_anthropic_version &&
                             !has_custom_header(provider, "anthropic-version");
  if (needs_version) head.field("anthropic-version", AnthropicVersion);
  append_forwarded(text, provider, request.forwarded);
  head.field("accept-encoding", "identity");
  if (framing.chunked) head.field("transfer-encoding", "chunked");
  if (framing.length) head.field("content-length", *framing.length);
  head.end();
  if (head.ok()) return text;
  return Error{ErrorKind::Internal,
               "provider '" + provider.name + "': its configured headers cannot be sent"};
}

}  // namespace vdm::proxy
