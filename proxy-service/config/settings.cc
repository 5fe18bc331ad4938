#include "proxy-service/config/settings.h"

#include <algorithm>
#include <cctype>

#include "common/http1/request_head.h"
#include "proto/contract/ingest_token.h"
#include "proxy-service/http1/passed_fields.h"
#include "proxy-service/http1/response_head.h"

namespace vdm::proxy {
namespace {

using settings::address;
using settings::bytes;
using settings::count;
using settings::duration;
using settings::port;
using settings::secret;
using settings::Settings;
using settings::text;
using settings::truth;
using settings::Value;

// The largest body, in powers of two, that a JSON index of 32-bit offsets can cover.
constexpr std::size_t BodyBytesMost = 2 * GiB;
// More than any machine has, yet sums of several stay within 64 bits.
constexpr std::size_t MemoryMost = 64 * 1024 * GiB;

bool is_proxy_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && is_visible(name);
}

std::optional<Adapt> adapt_of(std::string_view word) {
  if (word == "never") return Adapt::Never;
  if (word == "converted") return Adapt::Converted;
  if (word == "always") return Adapt::Always;
  return std::nullopt;
}

std::vector<std::string> in_lower_case(std::vector<std::string> names) {
  for (std::string& name : names) {
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  return names;
}

bool is_affinity(std::string_view word) { return affinity_of(word).has_value(); }

void add(Settings& to, Settings rows) { std::ranges::move(rows, std::back_inserter(to)); }

Settings door_settings(ConfigDraft& draft) {
  Config& config = draft.config;
  return {
      {"HOST", "proxy.host", "127.0.0.1", "address to listen on", settings::host(),
       &config.listen.host, "--host"},
      {"PORT", "proxy.port", "8082", "port to listen on", port(), &config.listen.port, "--port"},
      {"PROXY_API_KEY", "proxy.api-key", "", "the key clients must show; none: anyone may call",
       secret(), &config.access.proxy_api_key},
      {"VDM_ALLOW_UNAUTHENTICATED", "proxy.allow-unauthenticated", "",
       "`yes-anyone-may-call` allows an address beyond this machine without a key",
       settings::open_bind(), [&draft](const Value&) { draft.open_bind_meant = true; }},
      {"VDM_ALLOWED_HOSTS", "proxy.allowed-hosts", "",
       "Host names answered to besides localhost, separated by commas", settings::host_names(),
       [&config](const Value& value) { config.access.allowed_hosts = in_lower_case(value.list); }},
      {"VDM_ALLOWED_ORIGINS", "proxy.allowed-origins", "",
       "origins of other sites whose pages may call, separated by commas; never a wildcard",
       settings::origins(),
       [&config](const Value& value) {
         config.access.allowed_origins = in_lower_case(value.list);
       }},
      {"VDM_TRUSTED_PROXIES", "proxy.trusted-proxies", "",
       "addresses and networks of the proxies in front, whose `X-Forwarded-For` names the client, "
       "separated by commas",
       settings::ip_ranges(), &config.trusted_proxies},
      {"VDM_ANSWER_HEADERS", "proxy.answer-headers", "",
       "fields of providers' answers that clients get besides the usual ones, as `cf-ray, cf-*`",
       settings::list("names of fields that may reach a client, such as cf-ray or cf-*",
                      http1::PassedFields::may_be_added),
       &config.answer_headers},
  };
}

Settings proxy_settings(ConfigDraft& draft) {
  Config& config = draft.config;
  return {
      {"VDM_PROXY_NAME", "proxy.name", "host name", "what the proxy is called in every view",
       text("1 to 64 visible characters", is_proxy_name), &config.proxy_name},
      {"VDM_THREADS", "proxy.threads", "cores", "threads, each with its own connections",
       count(1, 1024), &config.threads},
      {"LOG_LEVEL", "proxy.log-level", "INFO", "DEBUG, INFO, WARNING or ERROR",
       settings::log_level(),
       [&config](const Value& value) { config.log_level = *log::parse_level("", value.text); }},
      {"VDM_ALLOW_CORE_DUMPS", "proxy.allow-core-dumps", "false",
       "lets a crash write the memory, which holds keys and prompts, to a file", truth(),
       &config.core_dumps_allowed},
      {"VDM_DATA_DIR", "proxy.data-dir", "~/.local/state/vandamme",
       "where providers' lists of models are kept; `none`: in memory alone", text(),
       [&config](const Value& value) { config.data_dir = value.text == "none" ? "" : value.text; }},
      {"VDM_ALLOW_HTTP_UPSTREAM", "proxy.allow-http-upstream", "false",
       "allows providers by plain http beyond this machine", truth(),
       [&draft](const Value& value) {
         draft.http_upstreams =
             value.number != 0 ? HttpUpstreams::Anywhere : HttpUpstreams::LoopbackOnly;
       }},
      {"VDM_MODELS_FILE", "defaults.models-file", "",
       "a file of facts about models and providers, on top of the built-in ones; LiteLLM's is read "
       "too",
       text(), &config.models.path},
      {"VDM_ADAPT", "defaults.adapt", "converted",
       "which requests are sent once more without a member that the provider refused: `never`, "
       "those "
       "that the proxy `converted`, or `always`",
       text("never, converted or always",
            [](std::string_view word) { return adapt_of(word).has_value(); }),
       [&config](const Value& value) { config.adapt = *adapt_of(value.text); }},
      {"VDM_DEFAULT_PROVIDER", "defaults.default-provider", "",
       "who is asked for a model without `provider:`; none: the only one, else by dialect", text(),
       &config.default_provider},
      {"ALIAS_MAX_CHAIN_LENGTH", "defaults.alias-chain-max", "10",
       "aliases on the way from a name to a model", count(1, 100), &config.aliases.chain_max},
      {"VDM_STRICT_PROFILE_VALIDATION", "defaults.strict-aliases", "true",
       "`false` leaves out an alias's target whose provider has no key, rather than not to start",
       truth(),
       [&config](const Value& value) {
         config.aliases.missing =
             value.number != 0 ? MissingProviders::Refused : MissingProviders::LeftOut;
       }},
  };
}

Settings metrics_settings(ConfigDraft& draft) {
  Metrics& metrics = draft.config.metrics;
  return {
      {"LOG_REQUEST_METRICS", "proxy.request-metrics", "true", "`false` reports nothing", truth(),
       &metrics.enabled},
      {"VDM_INGEST_ADDRESS", "proxy.ingest-address", "127.0.0.1:50051",
       "gRPC address of the metrics service", address(), &metrics.ingest},
      {"VDM_INGEST_TOKEN", "proxy.ingest-token", "",
       "the token shown to the metrics service; wins over the file's",
       secret(IngestTokenExpected, is_ingest_token), &metrics.ingest_token},
      {"VDM_INGEST_TOKEN_FILE", "proxy.ingest-token-file", "",
       "the metrics service's file of tokens, whose first one is shown; `none`: no file", text(),
       [&metrics](const Value& value) {
         metrics.ingest_token_file = value.text == "none" ? "" : value.text;
       }},
      {"VDM_SPOOL_DIR", "proxy.spool-dir", "",
       "a folder that keeps what could not be reported before the proxy ended, for the next one; "
       "`none`: nothing is kept",
       text(),
       [&metrics](const Value& value) {
         metrics.spool_is_declined = value.text == "none";
         metrics.spool_dir = metrics.spool_is_declined ? "" : value.text;
       }},
      {"VDM_METRICS_HOST", "", "127.0.0.1", "where the metrics service listens, to say so", text(),
       &draft.metrics_host},
      {"VDM_METRICS_PORT", "", "8083", "its port, to say so", port(), &draft.metrics_port},
      {"VDM_METRICS_PUBLIC_URL", "proxy.metrics-public-url", "http://127.0.0.1:8083",
       "where callers find the metrics service: `/dashboard` and what is below `/metrics` redirect "
       "there, "
       "unless it is on this machine alone",
       settings::url(),
       [&metrics](const Value& value) {
         metrics.public_url = value.text.substr(0, value.text.find_last_not_of('/') + 1);
       }},
  };
}

Settings upstream_timeouts(UpstreamTimeouts& upstream) {
  return {
      {"REQUEST_TIMEOUT", "defaults.timeout", "",
       "sets both first-byte and stream-idle, for every provider", duration(),
       [&upstream](const Value& value) {
         upstream.first_byte = upstream.stream_idle = std::chrono::milliseconds(value.number);
       }},
      {"STREAMING_CONNECT_TIMEOUT_SECONDS", "", "", "the original's name of connect", duration(),
       &upstream.connect},
      {"STREAMING_READ_TIMEOUT_SECONDS", "", "", "the original's name of stream-idle", duration(),
       &upstream.stream_idle},
      {"VDM_CONNECT_TIMEOUT", "timeouts.connect", "5s", "to reach a provider; 504", duration(),
       &upstream.connect},
      {"VDM_TLS_TIMEOUT", "timeouts.tls", "10s", "to agree on TLS with a provider; 504", duration(),
       &upstream.tls},
      {"VDM_FIRST_BYTE_TIMEOUT", "timeouts.first-byte", "600s",
       "from the request sent to an answer begun; 504", duration(), &upstream.first_byte},
      {"VDM_FIRST_TOKEN_TIMEOUT", "timeouts.first-token", "600s",
       "from the request sent to the first token of a stream; 504", duration(),
       &upstream.first_token},
      {"VDM_STREAM_IDLE_TIMEOUT", "timeouts.stream-idle", "300s",
       "between two pieces of an answer; error event", duration(), &upstream.stream_idle},
      {"VDM_WHOLE_STREAM_TIMEOUT", "timeouts.whole-stream", "60m",
       "for a whole answer; error event", duration(), &upstream.whole_stream},
  };
}

Settings timeouts(Timeouts& to) {
  return {
      {"VDM_HEADER_TIMEOUT", "timeouts.header", "10s", "to receive a request's header; 408",
       duration(), &to.header},
      {"VDM_BODY_GRACE", "timeouts.body-grace", "10s", "before a body's rate is looked at",
       duration(), &to.body_grace},
      {"VDM_BODY_BYTES_PER_SECOND_MIN", "timeouts.body-bytes-per-second", "1KiB",
       "a body slower than this; 408; 0: never", bytes(0, 1 * GiB), &to.body_bytes_per_second_min},
      {"VDM_KEEP_ALIVE_TIMEOUT", "timeouts.keep-alive", "75s",
       "an idle client connection is closed", duration(), &to.keep_alive},
      {"VDM_CLIENT_WRITE_TIMEOUT", "timeouts.client-write", "30s",
       "a client that does not read is left, its request cancelled", duration(), &to.client_write},
      {"VDM_SIGN_OF_LIFE", "timeouts.sign-of-life", "15s",
       "a stream silent for that long gets a keep-alive ping, or a comment", duration(),
       &to.keep_alive_ping},
      {"VDM_UPSTREAM_KEEP_ALIVE_TIMEOUT", "timeouts.upstream-keep-alive", "55s",
       "an idle connection to a provider is closed", duration(), &to.upstream_keep_alive},
      {"VDM_DRAIN_SECONDS", "timeouts.drain", "330s",
       "what running requests are given after SIGTERM", duration(std::chrono::milliseconds(0)),
       &to.drain},
  };
}

Settings retry_settings(ConfigDraft& draft) {
  Config& config = draft.config;
  RetryLimits& retry = config.retry;
  return {
      {"MAX_RETRIES", "defaults.max-retries", "2",
       "how often a failed request is sent again to the same provider with the same key",
       RetriesRule, &retry.retries_max},
      {"VDM_RETRY_ATTEMPTS_MAX", "retry.attempts", "8",
       "how often one request is sent in all, other keys and targets included", count(1, 100),
       &retry.attempts_max},
      {"VDM_RETRY_BUDGET_PERCENT", "retry.budget-percent", "10",
       "retries in a hundred requests; then faults are passed on", count(0, 100),
       &retry.budget_percent},
      {"VDM_RETRY_BUDGET_BURST", "retry.budget-burst", "10",
       "retries beyond that, at once and per thread", count(0, 10'000), &retry.budget_burst},
      {"VDM_RETRY_BACKOFF_FIRST", "retry.backoff-first", "250ms",
       "the longest wait before the first retry; doubled for each further one", duration(),
       &retry.backoff_first},
      {"VDM_RETRY_BACKOFF_MAX", "retry.backoff-max", "4s", "the longest wait before any",
       duration(), &retry.backoff_max},
      {"VDM_RETRY_AFTER_MAX", "retry.retry-after-max", "20s",
       "the longest `Retry-After` that is waited for; then the answer is passed on", duration(),
       &retry.retry_after_max},
      {"VDM_RETRY_TIME_MAX", "retry.time-max", "60s", "the age of a request that no longer waits",
       duration(), &retry.time_max},
      {"VDM_KEY_REST", "retry.key-rest", "60s",
       "a key's cooldown after 401, 403 or 429 without `Retry-After`", duration(),
       &config.key_cooldown.cooldown},
      {"VDM_KEY_REST_MAX", "retry.key-rest-max", "10m", "its longest cooldown, whatever was said",
       duration(), &config.key_cooldown.cooldown_max},
      {"VDM_KEY_AFFINITY", "retry.key-affinity", "session",
       "which of a provider's keys a request gets: `session`, its session's; `none`, the next one",
       text("session or none", is_affinity),
       [&draft](const Value& value) { draft.key_affinity = *affinity_of(value.text); }},
  };
}

Settings breaker_settings(CircuitBreaker::Options& breaker) {
  return {
      {"VDM_BREAKER_FAILURE_PERCENT", "breaker.failure-percent", "50",
       "failed calls in a hundred that take a provider out for a while; 0: never", count(0, 100),
       &breaker.failure_percent},
      {"VDM_BREAKER_CALLS_MIN", "breaker.calls-min", "20",
       "calls in the window before that is judged, per thread", count(1, 1'000'000),
       &breaker.calls_min},
      {"VDM_BREAKER_WINDOW", "breaker.window", "30s", "the time they are counted over", duration(),
       &breaker.window},
      {"VDM_BREAKER_OPEN_TIME", "breaker.open-time", "10s",
       "how long it is out, less a random part of up to half; doubled while it goes on failing",
       duration(), &breaker.open},
      {"VDM_BREAKER_OPEN_TIME_MAX", "breaker.open-time-max", "2m", "the longest it is out",
       duration(), &breaker.open_max},
      {"VDM_BREAKER_PROBES", "breaker.probes", "2",
       "calls that must succeed before it is fully in again", count(1, 100), &breaker.probes},
  };
}

Settings limit_settings(Limits& limits) {
  constexpr std::size_t HeadMost = http1::RequestHeadLimits::BytesMost;
  return {
      {"VDM_HEADER_BYTES_MAX", "limits.header-bytes", "32KiB", "a request's header; 431",
       bytes(1 * KiB, HeadMost), &limits.header_bytes_max},
      {"VDM_HEADER_FIELDS_MAX", "limits.header-fields", "100", "its fields; 431",
       count(8, http1::Fields::Max), &limits.header_fields_max},
      {"VDM_TARGET_BYTES_MAX", "limits.target-bytes", "4KiB", "its path and query; 414",
       bytes(64, HeadMost), &limits.target_bytes_max},
      {"VDM_BODY_BYTES_MAX", "limits.body-bytes", "64MiB", "one request body; 413",
       bytes(1 * KiB, BodyBytesMost), &limits.body_bytes_max},
      {"VDM_FORWARDED_BODY_BYTES_MAX", "limits.forwarded-body-bytes", "512MiB",
       "one body of a route that is passed on whole, as a file's; 413", bytes(1 * KiB, MemoryMost),
       &limits.forwarded_body_bytes_max},
      {"VDM_ALL_BODIES_BYTES_MAX", "limits.all-bodies-bytes", "1GiB, or half the memory",
       "all request bodies held at once; 503", bytes(1 * KiB, MemoryMost),
       &limits.all_bodies_bytes_max},
      {"VDM_CONNECTIONS_MAX", "limits.connections", "16384, or half the file limit",
       "clients at once; 503", count(1, 10'000'000), &limits.connections_max},
      {"VDM_CONNECTIONS_PER_ADDRESS_MAX", "limits.connections-per-address",
       "half of limits.connections", "of them from one address (an IPv6 /64 is one); 503",
       count(0, 10'000'000), &limits.connections_per_address_max},
      {"VDM_UPSTREAM_IDLE_MAX", "limits.upstream-idle", "256",
       "idle connections kept per door of a provider and thread; the oldest is closed",
       count(0, 65'536), &limits.upstream_idle_max},
      {"VDM_UPSTREAM_HEADER_BYTES_MAX", "limits.upstream-header-bytes", "64KiB",
       "a provider's header; 502", bytes(1 * KiB, http1::ResponseHead::BytesMost),
       &limits.upstream_header_bytes_max},
      {"VDM_EVENT_BYTES_MAX", "limits.event-bytes", "16MiB",
       "one event of a provider's stream; error event", bytes(1 * KiB, BodyBytesMost),
       &limits.event_bytes_max},
      {"VDM_EVENT_BUFFER_BYTES", "limits.event-buffer-bytes", "64MiB",
       "what is kept for a metrics service that is away; then the oldest is dropped and counted",
       bytes(64 * KiB, MemoryMost), &limits.event_buffer_bytes_max},
  };
}

Settings overload_settings(OverloadLimits& limits) {
  return {
      {"VDM_REQUESTS_MAX", "overload.requests", "0: any number",
       "requests in hand at once, streams that wait for their provider among them; 503",
       count(0, 10'000'000), &limits.requests_max},
      {"VDM_OVERLOAD_DELAY", "overload.delay", "30ms",
       "a thread that lets clients wait longer before it reads them refuses some with 503; 0: none",
       duration(std::chrono::milliseconds(0)), &limits.delay_max},
      {"VDM_OVERLOAD_MEMORY_PERCENT", "overload.memory-percent", "85",
       "of the memory in use, from where ever more requests are refused with 503, all from two "
       "thirds of the way to 100 on; 0: none",
       count(0, 100), &limits.memory_percent},
  };
}

}  // namespace

Settings settings_of(ConfigDraft& draft) {
  Config& config = draft.config;
  Settings rows = door_settings(draft);
  add(rows, proxy_settings(draft));
  add(rows, metrics_settings(draft));
  add(rows, upstream_timeouts(config.timeouts.upstream));
  add(rows, timeouts(config.timeouts));
  add(rows, retry_settings(draft));
  add(rows, breaker_settings(config.breaker));
  add(rows, limit_settings(config.limits));
  add(rows, overload_settings(config.overload));
  return rows;
}

}  // namespace vdm::proxy
