#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/env.h"
#include "common/base/log.h"
#include "common/base/secret.h"

namespace vdm::metrics {

/// Every setting the metrics service has, with its default. Read once at start by load(); never
/// altered; rooms are given the part they need. Tests build it by hand.

struct ListenConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8083;
  HostPort ingest{"127.0.0.1", 50051};
  HostPort events{"127.0.0.1", 50052};
};

struct AccessConfig {
  Secret key;                                ///< empty: anyone who reaches us may look
  std::vector<std::string> allowed_hosts;    ///< Host names besides this machine's, lower case
  std::vector<std::string> allowed_origins;  ///< of pages elsewhere that may read the API
  bool cancel_allowed = false;
  bool secure_cookie = false;  ///< the public URL is https
};

struct HistoryConfig {
  std::filesystem::path directory;  ///< empty: history is in memory alone
  int retention_days = 30;
};

struct LiveConfig {
  bool metrics_enabled = true;  ///< LOG_REQUEST_METRICS
  bool feeds_enabled = true;
  std::chrono::milliseconds progress_interval{500};
  std::chrono::milliseconds heartbeat{30'000};
  std::uint64_t summary_interval = 100;  ///< completions between summary lines; 0: none
};

struct Config {
  ListenConfig listen;
  AccessConfig access;
  HistoryConfig history;
  LiveConfig live;
  std::filesystem::path dashboard;  ///< where the built files are
  log::Level log_level = log::Level::Info;
  std::vector<std::string> notices;  ///< to be logged once at start
};

}  // namespace vdm::metrics
