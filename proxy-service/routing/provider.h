#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "proto/contract/event.h"

namespace vdm::proxy {

/// Whom we may call, as plain data: made once at start, never altered, shared by
/// every thread. Clients choose among providers by name and can never name a URL.

enum class Scheme : std::uint8_t { Http, Https };

/// Which key a provider is shown, and how: x-api-key for the Anthropic dialect,
/// Authorization: Bearer for the OpenAI dialect.
enum class AuthMode : std::uint8_t {
  Key,        ///< one of `keys`
  ClientKey,  ///< the key the client sent us; nothing of ours
  None,       ///< no key at all: a server of one's own
};

struct BaseUrl {
  Scheme scheme = Scheme::Https;
  std::string host;  ///< lower case; an IPv6 address without its brackets
  std::uint16_t port = 443;
  std::string path_prefix;  ///< "" or "/api/v1": never ends with a slash
  std::string authority;    ///< the Host header: brackets and a port only where needed
};

struct UpstreamTimeouts {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds tls{10'000};
  std::chrono::milliseconds first_byte{600'000};
  std::chrono::milliseconds stream_idle{300'000};
  std::chrono::milliseconds whole_stream{3'600'000};

  friend bool operator==(const UpstreamTimeouts&, const UpstreamTimeouts&) = default;
};

struct Provider {
  std::string name{};  ///< lower case
  Dialect dialect = Dialect::OpenAi;
  BaseUrl base_url{};
  AuthMode auth = AuthMode::Key;
  std::vector<Secret> keys{};  ///< no duplicates; the first is used until rings rotate them
  std::vector<std::pair<std::string, std::string>> custom_headers{};  ///< checked names and values
  UpstreamTimeouts timeouts{};
};

enum class Endpoint : std::uint8_t { Completion, CountTokens, Models };

/// The request target at the provider: "/v1/messages", "/v1/chat/completions".
std::string upstream_target(const Provider& provider, Endpoint endpoint);

/// Plain http is for this machine; elsewhere the configuration has to ask for it.
enum class HttpUpstreams : std::uint8_t { LoopbackOnly, Anywhere };

/// "https://api.openai.com/v1". No user, query or fragment; `key` names the
/// setting in what is refused.
Result<BaseUrl> parse_base_url(std::string_view key, std::string_view text, HttpUpstreams http);

/// localhost, 127.0.0.0/8, ::1.
bool is_loopback_host(std::string_view host);

}  // namespace vdm::proxy
