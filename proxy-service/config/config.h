#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/access/access_keys.h"
#include "common/base/host_port.h"
#include "common/base/log.h"
#include "common/base/secret.h"
#include "proxy-service/config/models_file.h"
#include "proxy-service/retry/circuit_breaker.h"
#include "proxy-service/retry/key_ring.h"
#include "proxy-service/retry/retry.h"
#include "proxy-service/routing/alias.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// All settings of the proxy with their defaults. load() builds a Config and nothing alters it
/// afterwards; each room gets the sub-struct it needs, and tests build one by hand. The comment
/// beside a limit says what happens when it is reached. Thread: any.

inline constexpr std::size_t KiB = 1024;
inline constexpr std::size_t MiB = 1024 * KiB;
inline constexpr std::size_t GiB = 1024 * MiB;

struct Limits {
  std::size_t header_bytes_max = 32 * KiB;           ///< 431
  std::size_t header_fields_max = 100;               ///< 431
  std::size_t target_bytes_max = 4 * KiB;            ///< 414
  std::size_t body_bytes_max = 64 * MiB;             ///< 413, before the body is read
  std::size_t forwarded_body_bytes_max = 512 * MiB;  ///< 413, of a body that is passed on whole
  std::size_t all_bodies_bytes_max = 1 * GiB;        ///< 503 with Retry-After
  std::size_t connections_max = 16'384;              ///< 503
  std::size_t connections_per_address_max = 0;       ///< 503; 0: half of connections_max
  std::size_t upstream_idle_max = 256;               ///< per door and thread; the oldest closes
  std::size_t upstream_header_bytes_max = 64 * KiB;  ///< 502
  std::size_t event_bytes_max = 16 * MiB;         ///< one event of a provider's stream; error event
  std::size_t event_buffer_bytes_max = 64 * MiB;  ///< events not yet acknowledged; beyond it a Gap

  friend bool operator==(const Limits&, const Limits&) = default;
};

/// What a request that begins must find, or it is refused with 503 and Retry-After.
struct OverloadLimits {
  std::size_t requests_max = 0;             ///< in hand of the process; 0: any number
  std::chrono::milliseconds delay_max{30};  ///< that a thread lets what is readable wait; 0: any
  std::uint32_t memory_percent = 85;        ///< in use; see LoadShedding; 0: any

  friend bool operator==(const OverloadLimits&, const OverloadLimits&) = default;
};

struct Timeouts {
  std::chrono::milliseconds header{10'000};               ///< absolute; 408
  std::chrono::milliseconds body_grace{10'000};           ///< from then on the rate below holds
  std::size_t body_bytes_per_second_min = 1 * KiB;        ///< 408; 0: no limit
  std::chrono::milliseconds keep_alive{75'000};           ///< an idle client's connection closes
  std::chrono::milliseconds client_write{30'000};         ///< a client that does not read
  std::chrono::milliseconds keep_alive_ping{15'000};      ///< while a stream is silent
  std::chrono::milliseconds upstream_keep_alive{55'000};  ///< an idle upstream connection closes
  std::chrono::milliseconds drain{330'000};               ///< then running requests are cancelled
  UpstreamTimeouts upstream;

  friend bool operator==(const Timeouts&, const Timeouts&) = default;
};

struct Listen {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8082;

  friend bool operator==(const Listen&, const Listen&) = default;
};

/// Who may call. A reload lets nobody in whom the running configuration keeps out: what joins this
/// struct joins newly_let_in() too.
struct Access {
  Secret proxy_api_key;                      ///< an admin's
  std::vector<AccessKey> named_keys{};       ///< the file's [keys.NAME]
  std::vector<std::string> allowed_hosts;    ///< accepted Host names besides localhost, lower case
  std::vector<std::string> allowed_origins;  ///< of pages that may call, lower case
};

/// Whether anybody needs a key to call.
inline bool has_key(const Access& access) {
  return !access.proxy_api_key.empty() || AccessKeys(access.named_keys).guard();
}

struct Metrics {
  bool enabled = true;
  HostPort ingest{"127.0.0.1", 50051};
  Secret ingest_token;            ///< shown to the metrics service; wins over the file's
  std::string ingest_token_file;  ///< read for each stream; empty: none
  /// Where events wait that could not be sent before their process ended; empty: nowhere.
  std::string spool_dir;
  bool spool_is_declined = false;  ///< `none` was said, so nobody needs to be told
  std::string public_url = "http://127.0.0.1:8083";  ///< where callers find the metrics service
};

/// Which requests are sent once more without a member that the provider refused.
enum class Adapt : std::uint8_t {
  Never,
  Converted,  ///< those that the proxy wrote; of a client's own bytes, what the proxy added to them
  Always,     ///< a client's own bytes, too
};

struct Config {
  Listen listen;
  Access access;
  std::vector<std::string> trusted_proxies;  ///< whose X-Forwarded-For names the client
  std::vector<std::string> answer_headers;   ///< of providers, that pass besides the usual ones
  Limits limits;
  OverloadLimits overload;
  Timeouts timeouts;
  Metrics metrics;
  std::string proxy_name = "localhost";  ///< shown in every view; load(): the host name unless set
  std::size_t threads = 1;               ///< load(): the cores of this process unless set
  std::string data_dir;                  ///< for files that survive a restart; empty: none
  log::Level log_level = log::Level::Info;
  bool core_dumps_allowed = false;
  ModelsFile models;
  Adapt adapt = Adapt::Converted;
  std::vector<Provider> providers;
  std::string default_provider;  ///< empty: see Resolver
  AliasRules aliases;
  RetryLimits retry;
  KeyRing::Options key_cooldown;
  CircuitBreaker::Options breaker;
  std::vector<std::string> notices;  ///< logged once at start
};

}  // namespace vdm::proxy
