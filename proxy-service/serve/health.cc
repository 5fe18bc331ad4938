#include "proxy-service/serve/health.h"

#include <algorithm>

#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "common/base/digest.h"
#include "common/base/host_port.h"
#include "common/base/version.h"
#include "common/base/yaml_writer.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

std::string date_and_time(SystemTime at, const char* format = "%Y-%m-%dT%H:%M:%E3SZ") {
  return absl::FormatTime(format, absl::FromChrono(at), absl::UTCTimeZone());
}

/// Whether what was read last is what runs, and why not.
json::object configuration(const Worker& worker) {
  const auto refused = worker.snapshot.server.refused_reload.facts();
  if (!refused) return {{"taken", true}};
  json::array faults;
  for (const std::string& fault : refused->faults) faults.emplace_back(fault);
  return {{"taken", false}, {"read_at", date_and_time(refused->at)}, {"faults", std::move(faults)}};
}

std::string key_hash(const Provider& provider) {
  switch (provider.auth) {
    case AuthMode::ClientKey:
      return "sha256:PASSTHRU";
    case AuthMode::None:
      return "<not set>";
    case AuthMode::Key:
      break;
  }
  if (provider.keys.empty()) return "<not set>";
  return "sha256:" + hex_prefix(sha256(provider.keys.front().reveal()), 8);
}

/// A provider's addresses by what they speak, the first one first.
json::object doors_of(const Provider& provider) {
  json::object doors;
  for (const Door& door : provider.doors) {
    doors[door.dialect == Dialect::Anthropic ? "messages" : "chat"] = url_text(door.base_url);
  }
  return doors;
}

/// The provider of a model's bare name, for clients of the dialect.
json::value asked_by(const Worker& worker, Dialect client) {
  const auto asked = worker.snapshot.resolver.asked(client);
  if (!asked) return nullptr;
  return json::value(worker.config.providers[*asked].name);
}

std::string_view status(const Worker& worker) { return worker.draining ? "draining" : "healthy"; }

/// What anybody may know: that a proxy lives here.
json::object alive(const Worker& worker) {
  const std::string_view word = status(worker);
  return {{"status", json::string_view(word.data(), word.size())}, {"service", "vdm-proxy"}};
}

/// What /health shows, in the order it is written.
json::object facts(const Worker& worker) {
  const MetricsState metrics = worker.snapshot.server.metrics_state
                                   ? worker.snapshot.server.metrics_state()
                                   : MetricsState{};
  json::object providers;
  for (const Provider& provider : worker.config.providers) {
    const Door& first = provider.doors.front();
    providers[provider.name] = {
        {"api_format", first.dialect == Dialect::OpenAi ? "openai" : "anthropic"},
        {"base_url", url_text(first.base_url)},
        {"doors", doors_of(provider)},
        {"auth_mode", provider.auth == AuthMode::ClientKey ? "passthrough" : "api_key"},
        {"api_key_hash", key_hash(provider)}};
  }
  const bool has_key = std::ranges::any_of(worker.config.providers, [&](const Provider& provider) {
    return provider.name == worker.config.default_provider && !provider.keys.empty();
  });
  const std::string_view word = status(worker);
  return {{"status", json::string_view(word.data(), word.size())},
          {"service", "vdm-proxy"},
          {"timestamp", date_and_time(worker.snapshot.server.clock.wall())},
          {"version", json::string_view(Version.data(), Version.size())},
          {"proxy", worker.config.proxy_name},
          {"instance_id", worker.snapshot.server.instance_id},
          {"api_key_valid", has_key},
          {"client_api_key_validation", worker.snapshot.authenticator.has_key()},
          {"default_provider", worker.config.default_provider},
          {"serves_bare_names",
           {{"anthropic", asked_by(worker, Dialect::Anthropic)},
            {"openai", asked_by(worker, Dialect::OpenAi)}}},
          {"configuration", configuration(worker)},
          {"connections", worker.snapshot.server.connections.load(std::memory_order_relaxed)},
          {"metrics",
           {{"enabled", metrics.enabled},
            {"connected", metrics.connected},
            {"refused", json::string_view(metrics.refused.data(), metrics.refused.size())},
            {"buffered_bytes", metrics.buffered_bytes}}},
          {"providers", std::move(providers)}};
}

void write_yaml(YamlWriter& out, const json::object& object) {
  for (const auto& [name, value] : object) {
    const std::string_view key(name.data(), name.size());
    const json::object* const inner = value.if_object();
    if (inner != nullptr && !inner->empty()) {
      out.begin(key);
      write_yaml(out, *inner);
      out.end();
    } else if (const json::string* const text = value.if_string()) {
      out.member(key, std::string_view(text->data(), text->size()));
    } else {
      out.raw(key, json::serialize(value));  // numbers, true, null and {} are YAML's, too
    }
  }
}

}  // namespace

Answer health(const Worker& worker, std::string_view accept, Told told) {
  Answer answer;
  const json::object shown = told == Told::All ? facts(worker) : alive(worker);
  answer.fields.emplace_back("cache-control", "no-cache");
  if (accept.find("json") != std::string_view::npos) {
    answer.body = json::serialize(shown);
    return answer;
  }
  answer.content_type = "text/yaml; charset=utf-8";
  answer.fields.emplace_back(
      "content-disposition",
      "inline; filename=health-" +
          date_and_time(worker.snapshot.server.clock.wall(), "%Y%m%d-%H%M%S") + ".yaml");
  YamlWriter yaml;
  write_yaml(yaml, shown);
  answer.body = yaml.take();
  return answer;
}

Answer readiness(const Worker& worker) {
  const bool ready =
      worker.snapshot.server.ready.load(std::memory_order_relaxed) && !worker.draining;
  Answer answer{.status = ready ? 200 : 503};
  answer.fields.emplace_back("cache-control", "no-cache");
  answer.body = ready ? R"({"ready":true})" : R"({"ready":false})";
  return answer;
}

Answer root(const Worker& worker) {
  Answer answer;
  answer.body =
      json::serialize(json::object{{"message", "Vandamme, a gateway for large language models"},
                                   {"status", worker.draining ? "draining" : "running"},
                                   {"version", json::string_view(Version.data(), Version.size())},
                                   {"endpoints",
                                    {{"messages", "/v1/messages"},
                                     {"chat_completions", "/v1/chat/completions"},
                                     {"count_tokens", "/v1/messages/count_tokens"},
                                     {"models", "/v1/models"},
                                     {"aliases", "/v1/aliases"},
                                     {"profiles", "/profiles"},
                                     {"top_models", "/top-models"},
                                     {"test_connection", "/test-connection"},
                                     {"health", "/health"},
                                     {"ready", "/health/ready"},
                                     {"metrics", "/metrics"},
                                     {"dashboard", "/dashboard/"}}}});
  return answer;
}

Answer metrics_service_answer(const Worker& worker, std::string_view path, std::string_view query) {
  const std::string& service = worker.config.metrics.public_url;
  std::string location = service + std::string(path);
  if (!query.empty()) location.append("?").append(query);
  const auto url = parse_base_url("", service, HttpUpstreams::Anywhere);
  if (url && !is_loopback_host(url->host)) {
    Answer answer{.status = 307, .body = json::serialize(json::object{{"location", location}})};
    answer.fields.emplace_back("location", location);
    return answer;
  }
  return {.status = 404,
          .body = json::serialize(json::object{
              {"message",
               "the metrics service has this path; on the machine of the proxy it is at "
               "\"location\", elsewhere where VDM_METRICS_PUBLIC_URL should say"},
              {"location", location}})};
}

}  // namespace vdm::proxy
