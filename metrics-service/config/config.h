#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/access/access_keys.h"
#include "common/base/host_port.h"
#include "common/base/log.h"
#include "common/base/secret.h"

namespace vdm::metrics {

/// Every setting of the metrics service, with its default. load() fills it once at start and
/// nothing changes it afterwards; each room gets the part it needs. Tests build it by hand.

struct ListenConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8083;
  HostPort ingest{"127.0.0.1", 50051};
  HostPort events{"127.0.0.1", 50052};
};

/// Of the HTTP port.
struct ConnectionsConfig {
  std::uint32_t most = 4096;
  std::uint32_t per_address_most = 0;  ///< 0: half of them; all for callers of this machine
};

struct AccessConfig {
  Secret key;                         ///< VDM_METRICS_API_KEY, else PROXY_API_KEY
  Role key_role = Role::Operator;     ///< of that key
  std::vector<AccessKey> named_keys;  ///< the file's [keys.NAME]
  /// Host names besides those of this machine, lower case.
  std::vector<std::string> allowed_hosts;
  /// Origins of other sites whose pages may read the API.
  std::vector<std::string> allowed_origins;
  std::vector<std::string> trusted_proxies;  ///< whose X-Forwarded-For names the client
  bool cancel_allowed = false;
  bool secure_cookie = false;  ///< the public URL is https
};

/// Whether anybody needs a key to call.
inline bool has_key(const AccessConfig& access) {
  return !access.key.empty() || AccessKeys(access.named_keys).guard();
}

/// What proxies must show. Empty, both: nothing.
struct IngestTokenConfig {
  Secret token;                ///< wins over the file
  std::filesystem::path file;  ///< made when it is missing
};

struct HistoryConfig {
  std::filesystem::path directory;  ///< empty: history is kept in memory only
  int retention_days = 30;
};

struct LiveConfig {
  bool metrics_enabled = true;  ///< LOG_REQUEST_METRICS
  bool feeds_enabled = true;
  std::chrono::milliseconds progress_interval{500};
  std::chrono::milliseconds heartbeat{30'000};
  std::uint64_t summary_interval = 100;  ///< completions between two summary lines; 0: no lines
};

struct Config {
  ListenConfig listen;
  ConnectionsConfig connections;
  AccessConfig access;
  IngestTokenConfig ingest_token;
  HistoryConfig history;
  LiveConfig live;
  std::filesystem::path dashboard;  ///< folder of the built dashboard
  log::Level log_level = log::Level::Info;
  bool core_dumps_allowed = false;
  std::vector<std::string> notices;  ///< lines that main() logs once at start
};

}  // namespace vdm::metrics
