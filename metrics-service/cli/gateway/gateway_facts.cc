#include "metrics-service/cli/gateway/gateway_facts.h"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "metrics-service/cli/terminal/table.h"

namespace vdm::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t MessageMax = 400;

json::object parse_object(std::string_view text) {
  boost::system::error_code malformed;
  json::value value = json::parse(json::string_view(text.data(), text.size()), malformed);
  return !malformed && value.is_object() ? std::move(value.get_object()) : json::object();
}

bool is(const json::object& object, std::string_view name, std::string_view expected) {
  const json::value* value = object.if_contains(json::string_view(name.data(), name.size()));
  const json::string* text = value ? value->if_string() : nullptr;
  return text && std::string_view(text->data(), text->size()) == expected;
}

}  // namespace

const GatewayFacts::Provider* GatewayFacts::find(std::string_view name) const {
  const auto found = std::ranges::find(providers, name, &Provider::name);
  return found == providers.end() ? nullptr : &*found;
}

bool GatewayFacts::passes_claudes_own() const {
  const Provider* const asked = find(serves_claude);
  return asked != nullptr ? asked->passthrough
                          : std::ranges::any_of(providers, &Provider::passthrough);
}

std::optional<GatewayFacts> read_gateway_facts(std::string_view health) {
  const json::object answer = parse_object(health);
  const json::value* wants_key = answer.if_contains("client_api_key_validation");
  const json::value* providers = answer.if_contains("providers");
  if (is(answer, "service", "vdm-proxy") && !answer.contains("instance_id")) {
    return GatewayFacts{.wants_key = true, .told = false};
  }
  if (!answer.contains("instance_id") || !wants_key || !wants_key->is_bool() || !providers ||
      !providers->is_object()) {
    return std::nullopt;
  }
  GatewayFacts facts{.wants_key = wants_key->get_bool()};
  const json::value* bare = answer.if_contains("serves_bare_names");
  const json::value* asked =
      bare && bare->is_object() ? bare->get_object().if_contains("anthropic") : nullptr;
  if (asked && asked->is_string()) facts.serves_claude = asked->get_string();
  for (const auto& [name, value] : providers->get_object()) {
    if (!value.is_object()) continue;
    const json::object& provider = value.get_object();
    facts.providers.push_back({.name = std::string(name),
                               .anthropic = is(provider, "api_format", "anthropic"),
                               .passthrough = is(provider, "auth_mode", "passthrough")});
  }
  return facts;
}

bool is_metrics_health(std::string_view health) {
  const json::object answer = parse_object(health);
  // One of before tells no name, but its version to everybody.
  return is(answer, "service", "vdm-metrics") ||
         (is(answer, "status", "ok") && answer.contains("version") && answer.contains("commit"));
}

std::string error_message(std::string_view body) {
  const json::object answer = parse_object(body);
  const json::value* error = answer.if_contains("error");
  const json::value* message = error;
  if (error && error->is_object()) message = error->get_object().if_contains("message");
  if (!message || !message->is_string()) return {};
  const json::string& text = message->get_string();
  return printable(std::string_view(text.data(), text.size()).substr(0, MessageMax));
}

}  // namespace vdm::cli
