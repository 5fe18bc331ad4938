#include "proxy-service/config/knobs.h"

#include <algorithm>
#include <cctype>

namespace vdm::proxy {
namespace {

using Key = std::string_view;
using Text = const std::string&;

Error expected(Key key, std::string_view what, Text got) {
  std::string message(key);
  message.append(": expected ").append(what).append(", got '").append(got.substr(0, 80));
  return Error{ErrorKind::InvalidRequest, message.append("'")};
}

template <class From, class To>
Result<void> put(const Result<From>& parsed, To& place) {
  if (!parsed) return parsed.error();
  place = static_cast<To>(*parsed);
  return {};
}

Result<void> put_bytes(Key key, Text text, std::uint64_t least, std::size_t& place) {
  const auto bytes = parse_bytes(key, text);
  if (bytes && *bytes < least) {
    return expected(key, "at least " + std::to_string(least) + " bytes", text);
  }
  return put(bytes, place);
}

Result<void> put_time(Key key, Text text, std::chrono::milliseconds& place) {
  const auto time = parse_duration(key, text);
  if (time && time->count() == 0) return expected(key, "a duration above 0", text);
  return put(time, place);
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

Result<void> put_host(Draft& draft, Key key, Text text) {
  if (!is_visible(text)) return expected(key, "a host name or address", text);
  draft.config.listen.host = text;
  return {};
}

Result<void> put_name(Draft& draft, Key key, Text text) {
  if (text.size() > 64 || !is_visible(text)) {
    return expected(key, "1 to 64 visible characters", text);
  }
  draft.config.proxy_name = text;
  return {};
}

/// Its value is never repeated.
Result<void> put_proxy_key(Draft& draft, Key key, Text text) {
  if (!is_visible(text)) {
    return Error{ErrorKind::InvalidRequest,
                 std::string(key) + ": expected a key without blanks or control characters"};
  }
  draft.config.access.proxy_api_key = Secret(text);
  return {};
}

Result<void> put_open_bind(Draft& draft, Key key, Text text) {
  if (text != OpenBindWords) return expected(key, std::string(OpenBindWords), text);
  draft.open_bind_meant = true;
  return {};
}

Result<void> put_allowed_hosts(Draft& draft, Key key, Text text) {
  std::vector<std::string> hosts;
  for (std::size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    std::string host;
    for (const char c : text.substr(at, comma - at)) {
      if (c != ' ') host.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
    at = comma + 1;
    const bool fits = std::ranges::all_of(host, [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' ||
             c == ']';
    });
    if (!fits) return expected(key, "host names separated by commas", text);
    if (!host.empty()) hosts.push_back(std::move(host));
  }
  draft.config.access.allowed_hosts = std::move(hosts);
  return {};
}

Result<void> put_data_dir(Draft& draft, Key, Text text) {
  draft.config.data_dir = text == "none" ? "" : text;
  draft.data_dir_set = true;
  return {};
}

Result<void> put_public_url(Draft& draft, Key key, Text text) {
  const bool is_url = text.starts_with("http://") || text.starts_with("https://");
  if (!is_url || !is_visible(text)) return expected(key, "a URL such as https://host", text);
  draft.config.metrics.public_url = text.substr(0, text.find_last_not_of('/') + 1);
  draft.public_url_set = true;
  return {};
}

Result<void> put_log_level(Draft& draft, Key key, Text text) {
  // The original's highest level; ours ends with ERROR.
  return put(log::parse_level(key, text == "CRITICAL" ? "ERROR" : text), draft.config.log_level);
}

Result<void> put_request_timeout(Draft& draft, Key key, Text text) {
  draft.request_timeout_set = true;
  auto& upstream = draft.config.timeouts.upstream;
  if (auto done = put_time(key, text, upstream.first_byte); !done) return done;
  upstream.stream_idle = upstream.first_byte;
  return {};
}

Result<void> put_http_upstream(Draft& draft, Key key, Text text) {
  const auto allowed = parse_bool(key, text);
  if (!allowed) return allowed.error();
  draft.http_upstreams = *allowed ? HttpUpstreams::Anywhere : HttpUpstreams::LoopbackOnly;
  return {};
}

Result<void> put_strict(Draft& draft, Key key, Text text) {
  const auto strict = parse_bool(key, text);
  if (!strict) return strict.error();
  draft.config.aliases.missing = *strict ? MissingProviders::Refused : MissingProviders::LeftOut;
  return {};
}

Result<void> put_default_provider(Draft& draft, Key, Text text) {
  draft.config.default_provider = text;
  return {};
}

Result<void> put_metrics_host(Draft& draft, Key, Text text) {
  draft.metrics_host = text;
  return {};
}

Result<void> put_all_bodies(Draft& draft, Key key, Text text) {
  draft.all_bodies_set = true;
  return put_bytes(key, text, 1024, draft.config.limits.all_bodies_bytes_max);
}

Result<void> put_port(Draft& draft, Key key, Text text) {
  return put(parse_port(key, text), draft.config.listen.port);
}

Result<void> put_threads(Draft& draft, Key key, Text text) {
  return put(parse_count(key, text, 1, 1024), draft.config.threads);
}

Result<void> put_enabled(Draft& draft, Key key, Text text) {
  return put(parse_bool(key, text), draft.config.metrics.enabled);
}

Result<void> put_ingest(Draft& draft, Key key, Text text) {
  return put(parse_host_port(key, text), draft.config.metrics.ingest);
}

Result<void> put_metrics_port(Draft& draft, Key key, Text text) {
  return put(parse_port(key, text), draft.metrics_port);
}

Result<void> put_body_rate(Draft& draft, Key key, Text text) {
  return put_bytes(key, text, 0, draft.config.timeouts.body_bytes_per_second_min);
}

Result<void> put_drain(Draft& draft, Key key, Text text) {
  return put(parse_duration(key, text), draft.config.timeouts.drain);
}

/// Setters of one member each, named by the member.
template <auto Member>
Result<void> time(Draft& draft, Key key, Text text) {
  return put_time(key, text, draft.config.timeouts.*Member);
}

template <auto Member>
Result<void> upstream_time(Draft& draft, Key key, Text text) {
  return put_time(key, text, draft.config.timeouts.upstream.*Member);
}

/// Those of a part of its own: RetryLimits, KeyRing, CircuitBreaker.
template <auto Part, auto Member>
Result<void> time_of(Draft& draft, Key key, Text text) {
  return put_time(key, text, draft.config.*Part.*Member);
}

template <auto Part, auto Member, std::uint64_t Least, std::uint64_t Most>
Result<void> count_of(Draft& draft, Key key, Text text) {
  return put(parse_count(key, text, Least, Most), draft.config.*Part.*Member);
}

template <auto Member, std::uint64_t Least>
Result<void> bytes(Draft& draft, Key key, Text text) {
  return put_bytes(key, text, Least, draft.config.limits.*Member);
}

template <auto Member, std::uint64_t Least, std::uint64_t Most>
Result<void> count(Draft& draft, Key key, Text text) {
  return put(parse_count(key, text, Least, Most), draft.config.limits.*Member);
}

constexpr Knob Table[] = {
    {"HOST", "proxy.host", "127.0.0.1", "address to listen on", put_host},
    {"PORT", "proxy.port", "8082", "port to listen on", put_port},
    {"PROXY_API_KEY", "proxy.api-key", "", "the key clients must show; none: anyone may call",
     put_proxy_key},
    {"VDM_ALLOW_UNAUTHENTICATED", "proxy.allow-unauthenticated", "",
     "`yes-anyone-may-call` allows an address beyond this machine without a key", put_open_bind},
    {"VDM_ALLOWED_HOSTS", "proxy.allowed-hosts", "",
     "Host names answered to besides localhost, separated by commas", put_allowed_hosts},
    {"VDM_PROXY_NAME", "proxy.name", "host name", "what the proxy is called in every view",
     put_name},
    {"VDM_THREADS", "proxy.threads", "cores", "threads, each with its own connections",
     put_threads},
    {"LOG_LEVEL", "proxy.log-level", "INFO", "DEBUG, INFO, WARNING or ERROR", put_log_level},
    {"VDM_DATA_DIR", "proxy.data-dir", "~/.local/state/vandamme",
     "where providers' lists of models are kept; `none`: in memory alone", put_data_dir},
    {"VDM_ALLOW_HTTP_UPSTREAM", "proxy.allow-http-upstream", "false",
     "allows providers by plain http beyond this machine", put_http_upstream},
    {"VDM_DEFAULT_PROVIDER", "defaults.default-provider", "",
     "who is asked for a model without `provider:`; none: the only one, else by dialect",
     put_default_provider},
    {"ALIAS_MAX_CHAIN_LENGTH", "defaults.alias-chain-max", "10",
     "aliases on the way from a name to a model",
     count_of<&Config::aliases, &AliasRules::chain_max, 1, 100>},
    {"VDM_STRICT_PROFILE_VALIDATION", "defaults.strict-aliases", "true",
     "`false` leaves out an alias's target whose provider has no key, rather than not to start",
     put_strict},
    {"LOG_REQUEST_METRICS", "proxy.request-metrics", "true", "`false` reports nothing",
     put_enabled},
    {"VDM_INGEST_ADDRESS", "proxy.ingest-address", "127.0.0.1:50051",
     "gRPC address of the metrics service", put_ingest},
    {"VDM_METRICS_HOST", "", "127.0.0.1", "where the metrics service listens, for the redirect",
     put_metrics_host},
    {"VDM_METRICS_PORT", "", "8083", "its port, for the redirect", put_metrics_port},
    {"VDM_METRICS_PUBLIC_URL", "proxy.metrics-public-url", "http://127.0.0.1:8083",
     "where `/metrics` and `/dashboard` redirect a browser", put_public_url},

    {"REQUEST_TIMEOUT", "defaults.timeout", "",
     "sets both first-byte and stream-idle, for every provider", put_request_timeout},
    {"STREAMING_CONNECT_TIMEOUT_SECONDS", "", "", "the original's name of connect",
     upstream_time<&UpstreamTimeouts::connect>},
    {"STREAMING_READ_TIMEOUT_SECONDS", "", "", "the original's name of stream-idle",
     upstream_time<&UpstreamTimeouts::stream_idle>},
    {"VDM_CONNECT_TIMEOUT", "timeouts.connect", "5s", "to reach a provider; 504",
     upstream_time<&UpstreamTimeouts::connect>},
    {"VDM_TLS_TIMEOUT", "timeouts.tls", "10s", "to agree on TLS with a provider; 504",
     upstream_time<&UpstreamTimeouts::tls>},
    {"VDM_FIRST_BYTE_TIMEOUT", "timeouts.first-byte", "600s",
     "from the request sent to an answer begun; 504", upstream_time<&UpstreamTimeouts::first_byte>},
    {"VDM_FIRST_TOKEN_TIMEOUT", "timeouts.first-token", "600s",
     "from the request sent to the first token of a stream; 504",
     upstream_time<&UpstreamTimeouts::first_token>},
    {"VDM_STREAM_IDLE_TIMEOUT", "timeouts.stream-idle", "300s",
     "between two pieces of an answer; error event", upstream_time<&UpstreamTimeouts::stream_idle>},
    {"VDM_WHOLE_STREAM_TIMEOUT", "timeouts.whole-stream", "60m", "for a whole answer; error event",
     upstream_time<&UpstreamTimeouts::whole_stream>},
    {"VDM_HEADER_TIMEOUT", "timeouts.header", "10s", "to receive a request's header; 408",
     time<&Timeouts::header>},
    {"VDM_BODY_GRACE", "timeouts.body-grace", "10s", "before a body's rate is looked at",
     time<&Timeouts::body_grace>},
    {"VDM_BODY_BYTES_PER_SECOND_MIN", "timeouts.body-bytes-per-second", "1KiB",
     "a body slower than this; 408", put_body_rate},
    {"VDM_KEEP_ALIVE_TIMEOUT", "timeouts.keep-alive", "75s", "an idle client connection is closed",
     time<&Timeouts::keep_alive>},
    {"VDM_CLIENT_WRITE_TIMEOUT", "timeouts.client-write", "30s",
     "a client that does not read is left, its request cancelled", time<&Timeouts::client_write>},
    {"VDM_SIGN_OF_LIFE", "timeouts.sign-of-life", "15s",
     "a stream silent for that long gets a ping, or a comment", time<&Timeouts::sign_of_life>},
    {"VDM_UPSTREAM_KEEP_ALIVE_TIMEOUT", "timeouts.upstream-keep-alive", "55s",
     "an idle connection to a provider is closed", time<&Timeouts::upstream_keep_alive>},
    {"VDM_DRAIN_SECONDS", "timeouts.drain", "330s", "what running requests are given after SIGTERM",
     put_drain},

    {"MAX_RETRIES", "defaults.max-retries", "2",
     "how often a failed request is sent again to the same provider with the same key",
     count_of<&Config::retry, &RetryLimits::retries_max, 0, 10>},
    {"VDM_RETRY_ATTEMPTS_MAX", "retry.attempts", "8",
     "how often one request is sent in all, other keys and targets included",
     count_of<&Config::retry, &RetryLimits::attempts_max, 1, 100>},
    {"VDM_RETRY_BUDGET_PERCENT", "retry.budget-percent", "10",
     "retries in a hundred requests; then faults are passed on",
     count_of<&Config::retry, &RetryLimits::budget_percent, 0, 100>},
    {"VDM_RETRY_BUDGET_BURST", "retry.budget-burst", "10",
     "retries beyond that, at once and per thread",
     count_of<&Config::retry, &RetryLimits::budget_burst, 0, 10'000>},
    {"VDM_RETRY_BACKOFF_FIRST", "retry.backoff-first", "250ms",
     "the longest wait before the first retry; doubled for each further one",
     time_of<&Config::retry, &RetryLimits::backoff_first>},
    {"VDM_RETRY_BACKOFF_MAX", "retry.backoff-max", "4s", "the longest wait before any",
     time_of<&Config::retry, &RetryLimits::backoff_max>},
    {"VDM_RETRY_AFTER_MAX", "retry.retry-after-max", "20s",
     "the longest `Retry-After` that is waited for; then the answer is passed on",
     time_of<&Config::retry, &RetryLimits::retry_after_max>},
    {"VDM_RETRY_TIME_MAX", "retry.time-max", "60s", "the age of a request that no longer waits",
     time_of<&Config::retry, &RetryLimits::time_max>},
    {"VDM_KEY_REST", "retry.key-rest", "60s",
     "a key's rest after 401, 403 or 429 without `Retry-After`",
     time_of<&Config::key_cooldown, &KeyRing::Options::cooldown>},
    {"VDM_KEY_REST_MAX", "retry.key-rest-max", "10m", "its longest rest, whatever was said",
     time_of<&Config::key_cooldown, &KeyRing::Options::cooldown_max>},
    {"VDM_BREAKER_FAILURE_PERCENT", "breaker.failure-percent", "50",
     "failed calls in a hundred that take a provider out for a while; 0: never",
     count_of<&Config::breaker, &CircuitBreaker::Options::failure_percent, 0, 100>},
    {"VDM_BREAKER_CALLS_MIN", "breaker.calls-min", "20",
     "calls in the window before that is judged, per thread",
     count_of<&Config::breaker, &CircuitBreaker::Options::calls_min, 1, 1'000'000>},
    {"VDM_BREAKER_WINDOW", "breaker.window", "30s", "the time they are counted over",
     time_of<&Config::breaker, &CircuitBreaker::Options::window>},
    {"VDM_BREAKER_OPEN_TIME", "breaker.open-time", "10s",
     "how long it is out; doubled while it goes on failing",
     time_of<&Config::breaker, &CircuitBreaker::Options::open>},
    {"VDM_BREAKER_OPEN_TIME_MAX", "breaker.open-time-max", "2m", "the longest it is out",
     time_of<&Config::breaker, &CircuitBreaker::Options::open_max>},
    {"VDM_BREAKER_PROBES", "breaker.probes", "2",
     "calls that must succeed before it is fully in again",
     count_of<&Config::breaker, &CircuitBreaker::Options::probes, 1, 100>},

    {"VDM_HEADER_BYTES_MAX", "limits.header-bytes", "32KiB", "a request's header; 431",
     bytes<&Limits::header_bytes_max, 1024>},
    {"VDM_HEADER_FIELDS_MAX", "limits.header-fields", "100", "its fields; 431",
     count<&Limits::header_fields_max, 8, 1000>},
    {"VDM_TARGET_BYTES_MAX", "limits.target-bytes", "4KiB", "its path and query; 414",
     bytes<&Limits::target_bytes_max, 64>},
    {"VDM_BODY_BYTES_MAX", "limits.body-bytes", "64MiB", "one request body; 413",
     bytes<&Limits::body_bytes_max, 1024>},
    {"VDM_ALL_BODIES_BYTES_MAX", "limits.all-bodies-bytes", "1GiB, or half the memory",
     "all request bodies held at once; 503", put_all_bodies},
    {"VDM_CONNECTIONS_MAX", "limits.connections", "16384, or half the file limit",
     "clients at once; 503", count<&Limits::connections_max, 1, 10'000'000>},
    {"VDM_UPSTREAM_IDLE_MAX", "limits.upstream-idle", "256",
     "idle connections kept per provider and thread; the oldest is closed",
     count<&Limits::upstream_idle_max, 0, 65'536>},
    {"VDM_UPSTREAM_HEADER_BYTES_MAX", "limits.upstream-header-bytes", "64KiB",
     "a provider's header; 502", bytes<&Limits::upstream_header_bytes_max, 1024>},
    {"VDM_EVENT_BYTES_MAX", "limits.event-bytes", "16MiB",
     "one event of a provider's stream; error event", bytes<&Limits::event_bytes_max, 1024>},
    {"VDM_EVENT_BUFFER_BYTES", "limits.event-buffer-bytes", "64MiB",
     "what is kept for a metrics service that is away; then the oldest is dropped and counted",
     bytes<&Limits::event_buffer_bytes_max, 65'536>},
};

}  // namespace

std::span<const Knob> knobs() { return Table; }

}  // namespace vdm::proxy
