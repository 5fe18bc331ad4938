#include "proxy-service/config/changes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

namespace vdm::proxy {
namespace {

/// Collects the names of settings that differ.
class Comparison {
 public:
  template <class T>
  Comparison& operator()(std::string_view key, const T& before, const T& after) {
    if (!(before == after)) names_.emplace_back(key);
    return *this;
  }
  void differs(std::string name) { names_.push_back(std::move(name)); }
  std::vector<std::string> take() { return std::move(names_); }

 private:
  std::vector<std::string> names_;
};

void compare_proxy(Comparison& compare, const Config& a, const Config& b) {
  compare("proxy.host", a.listen.host, b.listen.host);
  compare("proxy.port", a.listen.port, b.listen.port);
  compare("proxy.api-key", a.access.proxy_api_key.reveal(), b.access.proxy_api_key.reveal());
  compare("keys", a.access.named_keys, b.access.named_keys);
  compare("proxy.allowed-hosts", a.access.allowed_hosts, b.access.allowed_hosts);
  compare("proxy.allowed-origins", a.access.allowed_origins, b.access.allowed_origins);
  compare("proxy.trusted-proxies", a.trusted_proxies, b.trusted_proxies);
  compare("proxy.answer-headers", a.answer_headers, b.answer_headers);
  compare("proxy.name", a.proxy_name, b.proxy_name);
  compare("proxy.threads", a.threads, b.threads);
  compare("proxy.log-level", a.log_level, b.log_level);
  compare("proxy.allow-core-dumps", a.core_dumps_allowed, b.core_dumps_allowed);
  compare("proxy.data-dir", a.data_dir, b.data_dir);
  compare("defaults.models-file", a.models.path + "#" + a.models.digest,
          b.models.path + "#" + b.models.digest);
  compare("defaults.adapt", a.adapt, b.adapt);
  compare("defaults.default-provider", a.default_provider + "#" + a.aliases.default_profile,
          b.default_provider + "#" + b.aliases.default_profile);
  compare("defaults.alias-chain-max", a.aliases.chain_max, b.aliases.chain_max);
  compare("defaults.strict-aliases", a.aliases.missing, b.aliases.missing);
  compare("proxy.request-metrics", a.metrics.enabled, b.metrics.enabled);
  compare("proxy.ingest-address",
          a.metrics.ingest.host + " " + std::to_string(a.metrics.ingest.port),
          b.metrics.ingest.host + " " + std::to_string(b.metrics.ingest.port));
  compare("proxy.ingest-token", a.metrics.ingest_token.reveal(), b.metrics.ingest_token.reveal());
  compare("proxy.spool-dir", a.metrics.spool_dir, b.metrics.spool_dir);
  compare("proxy.ingest-token-file", a.metrics.ingest_token_file, b.metrics.ingest_token_file);
  compare("proxy.metrics-public-url", a.metrics.public_url, b.metrics.public_url);
}

void compare_timeouts(Comparison& compare, const Timeouts& a, const Timeouts& b) {
  compare("timeouts.connect", a.upstream.connect, b.upstream.connect);
  compare("timeouts.tls", a.upstream.tls, b.upstream.tls);
  compare("timeouts.first-byte", a.upstream.first_byte, b.upstream.first_byte);
  compare("timeouts.first-token", a.upstream.first_token, b.upstream.first_token);
  compare("timeouts.stream-idle", a.upstream.stream_idle, b.upstream.stream_idle);
  compare("timeouts.whole-stream", a.upstream.whole_stream, b.upstream.whole_stream);
  compare("timeouts.header", a.header, b.header);
  compare("timeouts.body-grace", a.body_grace, b.body_grace);
  compare("timeouts.body-bytes-per-second", a.body_bytes_per_second_min,
          b.body_bytes_per_second_min);
  compare("timeouts.keep-alive", a.keep_alive, b.keep_alive);
  compare("timeouts.client-write", a.client_write, b.client_write);
  compare("timeouts.sign-of-life", a.keep_alive_ping, b.keep_alive_ping);
  compare("timeouts.upstream-keep-alive", a.upstream_keep_alive, b.upstream_keep_alive);
  compare("timeouts.drain", a.drain, b.drain);
}

void compare_retries(Comparison& compare, const Config& a, const Config& b) {
  compare("defaults.max-retries", a.retry.retries_max, b.retry.retries_max);
  compare("retry.attempts", a.retry.attempts_max, b.retry.attempts_max);
  compare("retry.budget-percent", a.retry.budget_percent, b.retry.budget_percent);
  compare("retry.budget-burst", a.retry.budget_burst, b.retry.budget_burst);
  compare("retry.backoff-first", a.retry.backoff_first, b.retry.backoff_first);
  compare("retry.backoff-max", a.retry.backoff_max, b.retry.backoff_max);
  compare("retry.retry-after-max", a.retry.retry_after_max, b.retry.retry_after_max);
  compare("retry.time-max", a.retry.time_max, b.retry.time_max);
  compare("retry.key-rest", a.key_cooldown.cooldown, b.key_cooldown.cooldown);
  compare("retry.key-rest-max", a.key_cooldown.cooldown_max, b.key_cooldown.cooldown_max);
  compare("breaker.failure-percent", a.breaker.failure_percent, b.breaker.failure_percent);
  compare("breaker.calls-min", a.breaker.calls_min, b.breaker.calls_min);
  compare("breaker.window", a.breaker.window, b.breaker.window);
  compare("breaker.open-time", a.breaker.open, b.breaker.open);
  compare("breaker.open-time-max", a.breaker.open_max, b.breaker.open_max);
  compare("breaker.probes", a.breaker.probes, b.breaker.probes);
}

void compare_limits(Comparison& compare, const Limits& a, const Limits& b) {
  compare("limits.header-bytes", a.header_bytes_max, b.header_bytes_max);
  compare("limits.header-fields", a.header_fields_max, b.header_fields_max);
  compare("limits.target-bytes", a.target_bytes_max, b.target_bytes_max);
  compare("limits.body-bytes", a.body_bytes_max, b.body_bytes_max);
  compare("limits.forwarded-body-bytes", a.forwarded_body_bytes_max, b.forwarded_body_bytes_max);
  compare("limits.all-bodies-bytes", a.all_bodies_bytes_max, b.all_bodies_bytes_max);
  compare("limits.connections", a.connections_max, b.connections_max);
  compare("limits.connections-per-address", a.connections_per_address_max,
          b.connections_per_address_max);
  compare("limits.upstream-idle", a.upstream_idle_max, b.upstream_idle_max);
  compare("limits.upstream-header-bytes", a.upstream_header_bytes_max, b.upstream_header_bytes_max);
  compare("limits.event-bytes", a.event_bytes_max, b.event_bytes_max);
  compare("limits.event-buffer-bytes", a.event_buffer_bytes_max, b.event_buffer_bytes_max);
}

void compare_overload(Comparison& compare, const OverloadLimits& a, const OverloadLimits& b) {
  compare("overload.requests", a.requests_max, b.requests_max);
  compare("overload.delay", a.delay_max, b.delay_max);
  compare("overload.memory-percent", a.memory_percent, b.memory_percent);
}

/// The address of a door that is not the provider's first; nothing when there is none.
std::optional<BaseUrl> further_address(const Provider& provider, Dialect dialect) {
  const Door* const door = find_door(provider, dialect);
  if (door == nullptr || door == &provider.doors.front()) return std::nullopt;
  return door->base_url;
}

void compare_doors(Comparison& compare, const Provider& a, const Provider& b) {
  const std::string table = "[" + a.name + "] ";
  const auto further = [&](std::string_view key, Dialect dialect) {
    compare(table + std::string(key), further_address(a, dialect), further_address(b, dialect));
  };
  compare(table + "base-url", a.doors.front().base_url, b.doors.front().base_url);
  compare(table + "api-format", a.doors.front().dialect, b.doors.front().dialect);
  further("messages-base-url", Dialect::Anthropic);
  further("chat-base-url", Dialect::OpenAi);
  compare(table + "responses-base-url", a.responses_url, b.responses_url);
}

void compare_provider(Comparison& compare, const Provider& a, const Provider& b) {
  const std::string table = "[" + a.name + "] ";
  compare_doors(compare, a, b);
  compare(table + "api-key", same_keys(a, b), true);
  compare(table + "api-version", a.api_version, b.api_version);
  compare(table + "auth-mode", a.auth, b.auth);
  compare(table + "key-affinity", a.key_affinity, b.key_affinity);
  compare(table + "custom-headers", a.custom_headers, b.custom_headers);
  compare(table + "timeout", a.timeouts, b.timeouts);
  compare(table + "max-retries", a.retries_max, b.retries_max);
}

/// Reports items that were removed or added by name, and compares the others with `each`.
template <class Item, class Compare>
void compare_lists(Comparison& compare, const std::map<std::string, const Item*>& before,
                   const std::map<std::string, const Item*>& after, Compare each) {
  for (const auto& [name, item] : before) {
    const auto now = after.find(name);
    if (now == after.end()) {
      compare.differs(name);
    } else {
      each(name, *item, *now->second);
    }
  }
  for (const auto& [name, item] : after) {
    if (!before.contains(name)) compare.differs(name);
  }
}

std::map<std::string, const Provider*> by_name(const std::vector<Provider>& providers) {
  std::map<std::string, const Provider*> named;
  for (const Provider& provider : providers) named.emplace("[" + provider.name + "]", &provider);
  return named;
}

std::map<std::string, const Alias*> aliases_of(const AliasRules& rules) {
  std::map<std::string, const Alias*> named;
  for (const Alias& alias : rules.aliases) named.emplace(alias.key, &alias);
  for (const Profile& profile : rules.profiles) {
    for (const Alias& alias : profile.aliases) named.emplace(alias.key, &alias);
  }
  return named;
}

std::map<std::string, const Profile*> profiles_of(const AliasRules& rules) {
  std::map<std::string, const Profile*> named;
  for (const Profile& profile : rules.profiles) named.emplace(profile.key, &profile);
  return named;
}

}  // namespace

std::vector<std::string> changes(const Config& before, const Config& after) {
  Comparison compare;
  compare_lists(compare, by_name(before.providers), by_name(after.providers),
                [&](const std::string&, const Provider& was, const Provider& is) {
                  compare_provider(compare, was, is);
                });
  compare_lists(
      compare, aliases_of(before.aliases), aliases_of(after.aliases),
      [&](const std::string& name, const Alias& was, const Alias& is) { compare(name, was, is); });
  compare_lists(compare, profiles_of(before.aliases), profiles_of(after.aliases),
                [&](const std::string& name, const Profile& was, const Profile& is) {
                  compare(name, was.terms, is.terms);
                });
  compare_proxy(compare, before, after);
  compare_timeouts(compare, before.timeouts, after.timeouts);
  compare_retries(compare, before, after);
  compare_limits(compare, before.limits, after.limits);
  compare_overload(compare, before.overload, after.overload);
  return compare.take();
}

}  // namespace vdm::proxy
