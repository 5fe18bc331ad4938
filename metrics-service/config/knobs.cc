#include "metrics-service/config/knobs.h"

#include <algorithm>

#include <absl/strings/ascii.h>
#include <absl/strings/str_split.h>

namespace vdm::metrics {
namespace {

using Key = std::string_view;
using Text = const std::string&;

template <class From, class To>
Result<void> put(const Result<From>& parsed, To& place) {
  if (!parsed) return parsed.error();
  place = static_cast<To>(*parsed);
  return {};
}

Result<void> put_host(Draft& draft, Key key, Text text) {
  if (!is_visible(text)) return expected(key, "a host name or address", text);
  draft.config.listen.host = text;
  return {};
}
Result<void> put_port(Draft& draft, Key key, Text text) {
  return put(parse_port(key, text), draft.config.listen.port);
}
Result<void> put_ingest(Draft& draft, Key key, Text text) {
  return put(parse_host_port(key, text), draft.config.listen.ingest);
}
Result<void> put_events(Draft& draft, Key key, Text text) {
  return put(parse_host_port(key, text), draft.config.listen.events);
}

Result<void> put_proxy_key(Draft& draft, Key key, Text text) {
  Secret ignored;
  return put(parse_secret(key, text), draft.own_key ? ignored : draft.config.access.key);
}
Result<void> put_own_key(Draft& draft, Key key, Text text) {
  draft.own_key = true;
  return put(parse_secret(key, text), draft.config.access.key);
}
Result<void> put_open_bind(Draft& draft, Key key, Text text) {
  if (text != OpenBindWords) return expected(key, "the words " + std::string(OpenBindWords), text);
  draft.open_bind_meant = true;
  return {};
}

std::vector<std::string> listed(Text text) {
  std::vector<std::string> items = absl::StrSplit(text, ',');
  for (std::string& item : items) absl::StripAsciiWhitespace(&item);
  std::erase(items, "");
  return items;
}

Result<void> put_hosts(Draft& draft, Key key, Text text) {
  for (std::string& host : listed(text)) {
    if (!is_visible(host) || host.find('/') != std::string::npos || host == "*") {
      return expected(key, "host names separated by commas", host);
    }
    absl::AsciiStrToLower(&host);
    draft.config.access.allowed_hosts.push_back(std::move(host));
  }
  return {};
}

Result<void> put_origins(Draft& draft, Key key, Text text) {
  for (const std::string& origin : listed(text)) {
    const bool has_scheme = origin.starts_with("https://") || origin.starts_with("http://");
    const auto authority = has_scheme ? origin.substr(origin.find("//") + 2) : std::string();
    if (authority.empty() || !is_visible(origin) || authority.find('/') != std::string::npos ||
        authority.find('*') != std::string::npos) {
      return expected(key, "origins such as https://ops.example, never a wildcard", origin);
    }
    draft.config.access.allowed_origins.push_back(origin);
  }
  return {};
}

Result<void> put_cancel(Draft& draft, Key key, Text text) {
  return put(parse_bool(key, text), draft.config.access.cancel_allowed);
}
Result<void> put_public_url(Draft& draft, Key key, Text text) {
  if (!text.starts_with("http://") && !text.starts_with("https://")) {
    return expected(key, "a URL such as https://metrics.example", text);
  }
  draft.config.access.secure_cookie = text.starts_with("https://");
  return {};
}
Result<void> put_enabled(Draft& draft, Key key, Text text) {
  return put(parse_bool(key, text), draft.config.live.metrics_enabled);
}
Result<void> put_feeds(Draft& draft, Key key, Text text) {
  return put(parse_bool(key, text), draft.config.live.feeds_enabled);
}

Result<void> put_time(Key key, Text text, std::chrono::milliseconds least,
                      std::chrono::milliseconds& place) {
  const auto parsed = parse_duration(key, text);
  if (parsed && *parsed < least) {
    return expected(key, "at least " + std::to_string(least.count()) + "ms", text);
  }
  return put(parsed, place);
}
Result<void> put_interval(Draft& draft, Key key, Text text) {
  return put_time(key, text, std::chrono::milliseconds(50), draft.config.live.progress_interval);
}
Result<void> put_heartbeat(Draft& draft, Key key, Text text) {
  return put_time(key, text, std::chrono::seconds(1), draft.config.live.heartbeat);
}
Result<void> put_summary(Draft& draft, Key key, Text text) {
  return put(parse_count(key, text, 0, 1'000'000'000), draft.config.live.summary_interval);
}
Result<void> put_directory(Draft& draft, Key, Text text) {
  draft.directory_set = true;
  draft.config.history.directory = text == NoDirectory ? "" : text;
  return {};
}
Result<void> put_retention(Draft& draft, Key key, Text text) {
  return put(parse_count(key, text, 1, 3650), draft.config.history.retention_days);
}
Result<void> put_dashboard(Draft& draft, Key, Text text) {
  draft.config.dashboard = text;
  return {};
}
Result<void> put_log_level(Draft& draft, Key key, Text text) {
  return put(log::parse_level(key, text), draft.config.log_level);
}

}  // namespace

const std::vector<Knob>& knobs() {
  static const std::vector<Knob> Table{
      {"VDM_METRICS_HOST", "metrics.host", "127.0.0.1", "address of REST, live feeds and dashboard",
       put_host},
      {"VDM_METRICS_PORT", "metrics.port", "8083", "its port", put_port},
      {"VDM_INGEST_ADDRESS", "metrics.ingest-address", "127.0.0.1:50051",
       "gRPC address that proxies report to; never published", put_ingest},
      {"VDM_EVENTS_ADDRESS", "metrics.events-address", "127.0.0.1:50052",
       "gRPC address for tools: the event stream, queries, cancel", put_events},
      {"VDM_METRICS_API_KEY", "metrics.api-key", "", "the key to be shown; wins over PROXY_API_KEY",
       put_own_key},
      {"PROXY_API_KEY", "", "", "the proxy's key, which guards this service too", put_proxy_key},
      {"VDM_ALLOW_UNAUTHENTICATED", "metrics.allow-unauthenticated", "",
       "`yes-anyone-may-call` allows an address beyond this machine without a key", put_open_bind},
      {"VDM_ALLOWED_HOSTS", "metrics.allowed-hosts", "",
       "Host names answered to besides localhost, separated by commas", put_hosts},
      {"VDM_ALLOWED_ORIGINS", "metrics.allowed-origins", "",
       "origins whose pages may read the API, separated by commas; never a wildcard", put_origins},
      {"VDM_ALLOW_CANCEL", "metrics.allow-cancel", "false",
       "whether a running request may be cancelled from here", put_cancel},
      {"VDM_METRICS_PUBLIC_URL", "metrics.public-url", "",
       "where browsers find this service; https makes the login cookie Secure", put_public_url},
      {"LOG_REQUEST_METRICS", "metrics.enabled", "true", "`false` shows nothing and says so",
       put_enabled},
      {"VDM_ACTIVE_REQUESTS_SSE_ENABLED", "metrics.feeds", "true",
       "`false` leaves polling as the only way to look", put_feeds},
      {"VDM_ACTIVE_REQUESTS_SSE_INTERVAL", "metrics.progress-interval", "0.5",
       "how often progress is pushed; starts and ends are pushed at once", put_interval},
      {"VDM_ACTIVE_REQUESTS_SSE_HEARTBEAT", "metrics.heartbeat", "30",
       "silence after which a feed says that it lives; 15 s at most on the dashboard's",
       put_heartbeat},
      {"LOG_SUMMARY_INTERVAL", "metrics.summary-interval", "100",
       "completions between summary lines in the log; 0: none", put_summary},
      {"VDM_DATA_DIR", "metrics.data-dir", "~/.local/state/vandamme",
       "where history is kept; `none`: in memory alone", put_directory},
      {"VDM_RETENTION_DAYS", "metrics.retention-days", "30", "days of history kept", put_retention},
      {"VDM_DASHBOARD_DIR", "metrics.dashboard-dir", "beside the program, else dashboard-web/dist",
       "the dashboard's built files", put_dashboard},
      {"LOG_LEVEL", "metrics.log-level", "INFO", "DEBUG, INFO, WARNING or ERROR", put_log_level},
  };
  return Table;
}

}  // namespace vdm::metrics
