#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "proto/contract/event.h"
#include "proxy-service/routing/affinity.h"

namespace vdm::proxy {

/// The providers that the proxy may call, as plain data, which is built at start and shared by all
/// threads. Clients choose a provider by name and cannot supply a URL.

enum class Scheme : std::uint8_t { Http, Https };

/// Which key the proxy sends to a provider; KeyHeader says in which header.
enum class AuthMode : std::uint8_t {
  Key,        ///< one of `keys`
  ClientKey,  ///< the client's own, as it came, and none of ours: see ClientCredential
  None,       ///< no key: a server in one's own network
};

struct BaseUrl {
  Scheme scheme = Scheme::Https;
  std::string host{};  ///< lower case; an IPv6 address without its brackets
  std::uint16_t port = 443;
  std::string path_prefix{};  ///< "" or "/api/v1"; never ends with a slash
  std::string authority{};    ///< for the Host header: brackets and a port only where needed

  friend bool operator==(const BaseUrl&, const BaseUrl&) = default;
};

/// The header in which the proxy sends a provider its key.
enum class KeyHeader : std::uint8_t {
  XApiKey,  ///< x-api-key: KEY
  Bearer,   ///< authorization: Bearer KEY
  ApiKey,   ///< api-key: KEY
};

/// An address at which a provider speaks a dialect.
struct Door {
  Dialect dialect = Dialect::OpenAi;
  BaseUrl base_url{};
  std::optional<KeyHeader> key_header{};  ///< nothing: the dialect's, see key_header()

  friend bool operator==(const Door&, const Door&) = default;
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
  /// One at least, none twice in a dialect. The first serves clients whose dialect none speaks, and
  /// is asked for the list of models.
  std::vector<Door> doors = {Door{}};
  std::optional<BaseUrl> responses_url{};  ///< of the Responses dialect; no request uses it yet
  AuthMode auth = AuthMode::Key;
  std::vector<Secret> keys{};  ///< no duplicates, at most KeysMax; see KeyRing
  Affinity key_affinity = Affinity::Session;
  /// Of one that no setting asks for, which takes clients' own credentials alone (ClientKey): how
  /// those begin. Empty for all others.
  std::string implied_for{};
  std::string api_version{};  ///< Azure's: the proxy adds it to every request; "" for others
  std::vector<std::pair<std::string, std::string>> custom_headers{};  ///< valid names and values
  UpstreamTimeouts timeouts{};
  std::uint32_t retries_max = 2;  ///< for one request with the same target and key; see RetryLimits
};

inline constexpr std::size_t KeysMax = 64;

inline bool is_implied(const Provider& provider) { return !provider.implied_for.empty(); }

/// The place of a dialect in what is kept for each.
constexpr std::size_t index_of(Dialect dialect) { return dialect == Dialect::Anthropic ? 0 : 1; }
inline constexpr std::size_t Dialects = 2;

/// The door that speaks the dialect; null when there is none.
const Door* find_door(const Provider& provider, Dialect dialect);
/// The door for clients of the dialect: the one that speaks it, so that their bytes may stay as
/// they are, else the first.
const Door& door_for(const Provider& provider, Dialect client);
/// Whether the provider has a door of that address.
bool has_address(const Provider& provider, const BaseUrl& address);

bool same_keys(const Provider& a, const Provider& b);
/// Whether what was learned of one holds for the other: the same name, doors and keys.
bool same_account(const Provider& a, const Provider& b);

/// The header of the provider's key at one of its doors.
KeyHeader key_header(const Provider& provider, const Door& door);

/// "my-provider" -> "MY_PROVIDER", the prefix of its variables in the environment.
std::string env_prefix(std::string_view name);

enum class Endpoint : std::uint8_t { Completion, CountTokens, Models };

/// The request target at a provider's door: "/v1/messages", "/v1/chat/completions".
std::string upstream_target(const Door& door, Endpoint endpoint);

/// The same with the client's query; for a provider with an `api_version`, its `api-version` is
/// set.
std::string upstream_target(const Provider& provider, const Door& door, Endpoint endpoint,
                            std::string_view client_query);

/// "https://api.openai.com/v1", for people.
std::string url_text(const BaseUrl& url);

/// The target for a client's own path at a door of its dialect, "/v1/files/file-1".
std::string forwarded_target(const Provider& provider, const Door& door,
                             std::string_view client_path, std::string_view client_query);

/// Plain http is allowed to this machine alone unless the configuration asks for more.
enum class HttpUpstreams : std::uint8_t { LoopbackOnly, Anywhere };

/// Parses "https://api.openai.com/v1"; refuses a user, query or fragment. `key` names the setting
/// in the error.
Result<BaseUrl> parse_base_url(std::string_view key, std::string_view text, HttpUpstreams http);

}  // namespace vdm::proxy
