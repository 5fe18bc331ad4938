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

/// Which key a provider is shown; KeyHeader says how.
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
  std::chrono::milliseconds first_token{600'000};
  std::chrono::milliseconds stream_idle{300'000};
  std::chrono::milliseconds whole_stream{3'600'000};

  friend bool operator==(const UpstreamTimeouts&, const UpstreamTimeouts&) = default;
};

struct Provider {
  std::string name{};  ///< lower case
  Dialect dialect = Dialect::OpenAi;
  BaseUrl base_url{};
  AuthMode auth = AuthMode::Key;
  std::vector<Secret> keys{};  ///< no duplicates, at most KeysMax; see KeyRing
  std::string api_version{};   ///< Azure's way: asked for with every request; "" for all others
  std::vector<std::pair<std::string, std::string>> custom_headers{};  ///< checked names and values
  UpstreamTimeouts timeouts{};
  std::uint32_t retries_max = 2;  ///< of one request, by the same way; see RetryPolicy
};

inline constexpr std::size_t KeysMax = 64;

/// How a provider is shown its key.
enum class KeyHeader : std::uint8_t {
  XApiKey,  ///< x-api-key: KEY
  Bearer,   ///< authorization: Bearer KEY
  ApiKey,   ///< api-key: KEY
};
KeyHeader key_header(const Provider& provider);

/// "my-provider" -> "MY_PROVIDER", which its settings in the environment begin with.
std::string env_prefix(std::string_view name);

enum class Endpoint : std::uint8_t { Completion, CountTokens, Models };

/// The request target at the provider: "/v1/messages", "/v1/chat/completions".
std::string upstream_target(const Provider& provider, Endpoint endpoint);

/// The same with a query: the client's own, with `api-version` put right for a
/// provider that wants it.
std::string upstream_target(const Provider& provider, Endpoint endpoint,
                            std::string_view client_query);

/// Plain http is for this machine; elsewhere the configuration has to ask for it.
enum class HttpUpstreams : std::uint8_t { LoopbackOnly, Anywhere };

/// "https://api.openai.com/v1". No user, query or fragment; `key` names the
/// setting in what is refused.
Result<BaseUrl> parse_base_url(std::string_view key, std::string_view text, HttpUpstreams http);

}  // namespace vdm::proxy
