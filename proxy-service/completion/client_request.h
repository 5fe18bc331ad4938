#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/secret.h"
#include "common/http1/request_head.h"
#include "proto/contract/event.h"
#include "proxy-service/completion/upstream_head.h"

namespace vdm::proxy {

/// What is kept of a completion request's head, since its bytes make room for the
/// body. Reused from request to request of a connection, to keep its memory.
struct ClientRequest {
  Dialect dialect = Dialect::Anthropic;
  Endpoint endpoint = Endpoint::Completion;  ///< what the provider is asked
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool expect_continue = false;
  bool has_content_encoding = false;
  bool has_anthropic_version = false;
  std::string query;         ///< without the '?'
  std::string forwarded;     ///< header lines to pass on, checked and written
  std::string client_label;  ///< fingerprint of the key
  Secret own_key;            ///< the client's key that is not ours; for providers that want it
  std::string user_agent;
  std::string session_id;
  std::string agent_id;
  std::string trace_id;
  bool trace_is_clients = false;  ///< else the thread makes one
  UpstreamHead upstream_head;

  /// All but what the key and the thread say.
  void read(const http1::RequestHead& head, Dialect client_dialect,
            Endpoint asked = Endpoint::Completion);
};

/// 32 hexadecimal digits of a well-formed traceparent; nothing otherwise.
std::optional<std::string_view> trace_id_of(std::string_view traceparent);

}  // namespace vdm::proxy
