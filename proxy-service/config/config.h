#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/env.h"
#include "common/base/log.h"
#include "common/base/secret.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Every knob the proxy has, with its default. Read once at start by load();
/// never altered; rooms are given the sub-struct they need. Tests build it by hand.

inline constexpr std::size_t KiB = 1024;
inline constexpr std::size_t MiB = 1024 * KiB;
inline constexpr std::size_t GiB = 1024 * MiB;

/// What happens at each limit is said in http-safety's terms beside it.
struct Limits {
  std::size_t header_bytes_max = 32 * KiB;     ///< 431
  std::size_t header_fields_max = 100;         ///< 431
  std::size_t target_bytes_max = 4 * KiB;      ///< 414
  std::size_t body_bytes_max = 64 * MiB;       ///< 413, before it is read
  std::size_t all_bodies_bytes_max = 1 * GiB;  ///< 503 with Retry-After; at most half the memory
  std::size_t connections_max = 16'384;        ///< 503; at most half the file limit
  std::size_t upstream_idle_max = 256;         ///< per provider and thread; the oldest closes
  std::size_t upstream_header_bytes_max = 64 * KiB;  ///< 502
  std::size_t event_bytes_max = 16 * MiB;            ///< one SSE event of a provider; error event
  std::size_t event_buffer_bytes_max = 64 * MiB;     ///< metrics events kept until acknowledged
};

struct Timeouts {
  std::chrono::milliseconds header{10'000};         ///< 408, absolute
  std::chrono::milliseconds body_grace{10'000};     ///< then body_bytes_per_second_min holds
  std::size_t body_bytes_per_second_min = 1 * KiB;  ///< 408
  std::chrono::milliseconds keep_alive{75'000};     ///< an idle client connection closes
  std::chrono::milliseconds client_write{30'000};   ///< a client that does not read: cancelled
  std::chrono::milliseconds upstream_keep_alive{55'000};  ///< an idle upstream connection closes
  std::chrono::milliseconds drain{330'000};
  UpstreamTimeouts upstream;
};

struct Listen {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8082;
};

struct Access {
  Secret proxy_api_key;                    ///< empty: anyone who reaches us may call
  std::vector<std::string> allowed_hosts;  ///< Host names besides this machine's, lower case
};

struct Metrics {
  bool enabled = true;  ///< LOG_REQUEST_METRICS
  HostPort ingest{"127.0.0.1", 50051};
  std::string public_url = "http://127.0.0.1:8083";  ///< where /metrics and /dashboard redirect
};

struct Config {
  Listen listen;
  Access access;
  Limits limits;
  Timeouts timeouts;
  Metrics metrics;
  std::string proxy_name;   ///< for people; the host name unless set
  std::size_t threads = 1;  ///< load(): the cores this process may use
  log::Level log_level = log::Level::Info;
  std::vector<Provider> providers;
  std::string default_provider;      ///< empty: see Resolver
  std::vector<std::string> notices;  ///< to be logged once at start
};

}  // namespace vdm::proxy
