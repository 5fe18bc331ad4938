#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/http1/request_head.h"
#include "proto/contract/event.h"
#include "proxy-service/body/request_scan.h"
#include "proxy-service/completion/upstream_head.h"
#include "proxy-service/routing/client_credential.h"

namespace vdm::proxy {

/// What the proxy copies from a completion request's head, because the body is read over the head's
/// bytes. Each connection reuses one for all its requests, to keep its memory.
struct ClientRequest {
  Dialect dialect = Dialect::Anthropic;
  Endpoint endpoint = Endpoint::Completion;  ///< what the proxy asks the provider for
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool expect_continue = false;
  bool has_content_encoding = false;
  bool has_anthropic_version = false;
  std::string query;              ///< without the '?'
  std::string forwarded;          ///< header lines for the provider, checked and ready to send
  ClientCredential own;           ///< what it showed besides the gateway's key
  std::string session_id;         ///< as the head names it
  bool trace_is_clients = false;  ///< false: the worker makes a trace id
  UpstreamHead upstream_head;
  /// What the head says of the client; the rest is to be set for the request in hand.
  std::shared_ptr<RequestFacts> facts = std::make_shared<RequestFacts>();

  /// Begins a request: of the facts, all is forgotten but what the head says. They are the last
  /// request's, with the memory of their texts, unless somebody keeps those.
  void begin();
  /// Reads all but what the key and the worker supply.
  void read(const http1::RequestHead& head, Dialect client_dialect,
            Endpoint asked = Endpoint::Completion);
};

/// The session that the request names, in its head or its body; empty: none.
inline const std::string& session_of(const ClientRequest& request, const RequestScan& scan) {
  return request.session_id.empty() ? scan.session_id : request.session_id;
}

/// The trace id (32 hexadecimal digits) of a well-formed traceparent; nothing otherwise.
std::optional<std::string_view> trace_id_of(std::string_view traceparent);

}  // namespace vdm::proxy
