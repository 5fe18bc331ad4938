#include "metrics-service/config/settings.h"

#include <algorithm>

#include <absl/strings/ascii.h>

#include "proto/contract/ingest_token.h"

namespace vdm::metrics {
namespace {

using settings::address;
using settings::count;
using settings::duration;
using settings::port;
using settings::secret;
using settings::Settings;
using settings::text;
using settings::truth;
using settings::Value;
using namespace std::chrono_literals;

std::vector<std::string> in_lower_case(std::vector<std::string> names) {
  for (std::string& name : names) absl::AsciiStrToLower(&name);
  return names;
}

Settings door_settings(ConfigDraft& draft) {
  ListenConfig& listen = draft.config.listen;
  AccessConfig& access = draft.config.access;
  return {
      {"VDM_METRICS_HOST", "metrics.host", "127.0.0.1", "address of REST, live feeds and dashboard",
       settings::host(), &listen.host, "--host"},
      {"VDM_METRICS_PORT", "metrics.port", "8083", "its port", port(), &listen.port, "--port"},
      {"VDM_METRICS_CONNECTIONS_MAX", "metrics.connections", "4096",
       "clients of that port at once; 503", count(1, 1'000'000), &draft.config.connections.most},
      {"VDM_METRICS_CONNECTIONS_PER_ADDRESS_MAX", "metrics.connections-per-address",
       "half of metrics.connections", "of them from one address (an IPv6 /64 is one); 503",
       count(0, 1'000'000), &draft.config.connections.per_address_most},
      {"VDM_INGEST_ADDRESS", "metrics.ingest-address", "127.0.0.1:50051",
       "gRPC address that proxies report to; never published", address(), &listen.ingest},
      {"VDM_INGEST_TOKEN", "metrics.ingest-token", "",
       "the token that proxies must show; wins over the file's",
       secret(IngestTokenExpected, is_ingest_token), &draft.config.ingest_token.token},
      {"VDM_INGEST_TOKEN_FILE", "metrics.ingest-token-file", "",
       "a file of tokens, one a line, that proxies share: made when it is missing, read again when "
       "it changes; `none`: no file",
       text(),
       [&draft](const Value& value) {
         draft.config.ingest_token.file = value.text == NoTokenFile ? "" : value.text;
       }},
      {"VDM_ALLOW_OPEN_INGEST", "metrics.allow-open-ingest", "",
       "`yes-anyone-may-report` allows an ingest address beyond this machine without a token",
       text(OpenIngestWords, [](std::string_view words) { return words == OpenIngestWords; }),
       [&draft](const Value&) { draft.open_ingest_meant = true; }},
      {"VDM_EVENTS_ADDRESS", "metrics.events-address", "127.0.0.1:50052",
       "gRPC address for tools: the event stream, queries, cancel", address(), &listen.events},
      {"VDM_METRICS_API_KEY", "metrics.api-key", "", "the key to be shown; wins over PROXY_API_KEY",
       secret(), &access.key},
      {"PROXY_API_KEY", "", "", "the proxy's key, which guards this service too", secret(),
       &draft.proxy_key},
      {"VDM_ALLOW_UNAUTHENTICATED", "metrics.allow-unauthenticated", "",
       "`yes-anyone-may-call` allows an address beyond this machine without a key",
       settings::open_bind(), [&draft](const Value&) { draft.open_bind_meant = true; }},
      {"VDM_ALLOWED_HOSTS", "metrics.allowed-hosts", "",
       "Host names answered to besides localhost, separated by commas", settings::host_names(),
       [&access](const Value& value) { access.allowed_hosts = in_lower_case(value.list); }},
      {"VDM_ALLOWED_ORIGINS", "metrics.allowed-origins", "",
       "origins whose pages may read the API, separated by commas; never a wildcard",
       settings::origins(),
       [&access](const Value& value) { access.allowed_origins = in_lower_case(value.list); }},
      {"VDM_TRUSTED_PROXIES", "metrics.trusted-proxies", "",
       "addresses and networks of the proxies in front, whose `X-Forwarded-For` names the client, "
       "separated by commas",
       settings::ip_ranges(), &access.trusted_proxies},
      {"VDM_ALLOW_CANCEL", "metrics.allow-cancel", "false",
       "whether a running request may be cancelled from here", truth(), &access.cancel_allowed},
      {"VDM_METRICS_PUBLIC_URL", "metrics.public-url", "",
       "where browsers find this service; https makes the login cookie Secure", settings::url(),
       [&access](const Value& value) {
         access.secure_cookie = value.text.starts_with("https://");
       }},
  };
}

Settings work_settings(Config& config) {
  LiveConfig& live = config.live;
  return {
      {"LOG_REQUEST_METRICS", "metrics.enabled", "true", "`false` shows nothing and says so",
       truth(), &live.metrics_enabled},
      {"VDM_ACTIVE_REQUESTS_SSE_ENABLED", "metrics.feeds", "true",
       "`false` leaves polling as the only way to look", truth(), &live.feeds_enabled},
      {"VDM_ACTIVE_REQUESTS_SSE_INTERVAL", "metrics.progress-interval", "0.5",
       "how often progress is pushed; starts and ends are pushed at once", duration(50ms),
       &live.progress_interval},
      {"VDM_ACTIVE_REQUESTS_SSE_HEARTBEAT", "metrics.heartbeat", "30",
       "silence after which a feed says that it lives; 15 s at most on the dashboard's",
       duration(1s), &live.heartbeat},
      {"LOG_SUMMARY_INTERVAL", "metrics.summary-interval", "100",
       "completions between summary lines in the log; 0: none", count(0, 1'000'000'000),
       &live.summary_interval},
      {"VDM_ALLOW_CORE_DUMPS", "metrics.allow-core-dumps", "false",
       "lets a crash write the memory, which holds keys and names, to a file", truth(),
       &config.core_dumps_allowed},
      {"VDM_DATA_DIR", "metrics.data-dir", "~/.local/state/vandamme",
       "where history is kept; `none`: in memory alone", text(),
       [&config](const Value& value) {
         config.history.directory = value.text == NoDirectory ? "" : value.text;
       }},
      {"VDM_RETENTION_DAYS", "metrics.retention-days", "30", "days of history kept", count(1, 3650),
       &config.history.retention_days},
      {"VDM_DASHBOARD_DIR", "metrics.dashboard-dir", "beside the program, else dashboard-web/dist",
       "the dashboard's built files", text(),
       [&config](const Value& value) { config.dashboard = value.text; }},
      {"LOG_LEVEL", "metrics.log-level", "INFO", "DEBUG, INFO, WARNING or ERROR",
       settings::log_level(),
       [&config](const Value& value) { config.log_level = *log::parse_level("", value.text); }},
  };
}

}  // namespace

Settings settings_of(ConfigDraft& draft) {
  Settings rows = door_settings(draft);
  std::ranges::move(work_settings(draft.config), std::back_inserter(rows));
  return rows;
}

}  // namespace vdm::metrics
