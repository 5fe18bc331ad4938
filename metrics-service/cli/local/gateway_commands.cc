#include "metrics-service/cli/local/gateway_commands.h"

#include <cstdio>
#include <string>
#include <variant>

#include "common/base/host_port.h"
#include "common/base/percent.h"
#include "common/http_client/http_call.h"
#include "metrics-service/cli/gateway/gateway_facts.h"
#include "metrics-service/cli/gateway/model_facts.h"
#include "metrics-service/cli/gateway/model_rows.h"
#include "metrics-service/cli/gateway/trial.h"

namespace vdm::cli {
namespace {

/// A running proxy: its address and what it reported about itself.
struct Gateway {
  HostPort at;
  GatewayFacts facts;
  Secret key;
};

std::variant<Gateway, CommandResult> find_gateway(const LocalOptions& options,
                                                  const ServiceCalls& calls) {
  Gateway gateway;
  gateway.key = Secret(calls.env.get("PROXY_API_KEY").value_or(""));
  if (!options.gateway.empty()) {
    gateway.at = *parse_host_port("--gateway", options.gateway);
  } else {
    const auto config = ask_config(calls, "vdm-proxy");
    if (!config) {
      return CommandResult{Unreachable,
                           "vdm: " + config.error().message + "; or name a --gateway\n"};
    }
    const auto at = config->address("HOST", "PORT");
    if (!at) return CommandResult{WrongUsage, printable(config->errors.front()) + "\n"};
    gateway.at = *at;
  }
  const auto health = http_call(gateway.at, {.target = "/health", .key = gateway.key});
  if (!health) {
    return CommandResult{
        Unreachable,
        "vdm: no proxy answers: " + printable(health.error().message) + "; `vdm up` starts one\n"};
  }
  auto facts = read_gateway_facts(health->body);
  if (!facts) {
    return CommandResult{Unreachable, "vdm: what answers at " + authority(gateway.at) +
                                          " is no vdm-proxy; set PORT, or name a --gateway\n"};
  }
  if (facts->wants_key && gateway.key.empty()) {
    return CommandResult{Refused, "vdm: this proxy wants a key; export it as PROXY_API_KEY\n"};
  }
  if (!facts->told) {
    return CommandResult{Refused, "vdm: this proxy wants another key than PROXY_API_KEY's\n"};
  }
  gateway.facts = std::move(*facts);
  return gateway;
}

/// The body of the proxy's answer; `missing` begins the sentence about any other.
std::variant<std::string, CommandResult> ask(const Gateway& gateway, const std::string& target,
                                             const std::string& missing) {
  const auto answer = http_call(
      gateway.at, {.target = target, .key = gateway.key, .timeout = std::chrono::seconds(40)});
  if (!answer)
    return CommandResult{Unreachable, "vdm: " + printable(answer.error().message) + "\n"};
  if (answer->status == 200) return answer->body;
  const std::string message = error_message(answer->body);
  return CommandResult{answer->status == 401 && gateway.facts.wants_key ? Refused : Failed,
                       "vdm: " + missing + ": HTTP " + std::to_string(answer->status) +
                           (message.empty() ? "" : ": " + message) + "\n"};
}

/// Lists the provider's models through the proxy.
std::variant<std::string, CommandResult> ask_models(const Gateway& gateway,
                                                    const std::string& provider) {
  if (!provider.empty() && !gateway.facts.find(provider)) {
    std::string names;
    for (const auto& known : gateway.facts.providers) {
      names.append(names.empty() ? "" : ", ").append(known.name);
    }
    return CommandResult{WrongUsage, "vdm: the proxy has no provider '" + printable(provider) +
                                         "'; it has " + printable(names) + "\n"};
  }
  const std::string query = provider.empty() ? "" : "&provider=" + provider;
  return ask(gateway, "/v1/models?format=facts" + query, "no list of models");
}

std::string price_text(const std::optional<double>& price) {
  if (!price) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", *price);
  return text;
}

std::string tokens_text(std::uint64_t tokens) { return tokens == 0 ? "-" : count_text(tokens); }

int show_models(const std::vector<ModelRow>& rows, const Streams& streams) {
  Table table({{"MODEL"},
               {"OWNED BY"},
               {"CREATED"},
               {"WINDOW", Align::Right},
               {"OUTPUT", Align::Right},
               {"$/M IN", Align::Right},
               {"$/M OUT", Align::Right},
               {"REASONING"},
               {"TAKES"}});
  for (const ModelRow& row : rows) {
    table.add({row.id, or_dash(row.owner), or_dash(row.created), tokens_text(row.context_tokens),
               tokens_text(row.output_tokens_max), price_text(row.input_price),
               price_text(row.output_price), or_dash(row.reasoning), or_dash(row.input)});
  }
  streams.out << table.text(streams.colour);
  return Done;
}

/// What GET /v1/facts says, as a text or as its JSON.
int show_facts(const Gateway& gateway, const LocalOptions& options, const Streams& streams) {
  const std::string query = options.learned ? "" : "?model=" + percent_encoded(options.model);
  const auto body = ask(gateway, "/v1/facts" + query, "no facts");
  if (const auto* result = std::get_if<CommandResult>(&body)) return end_with(*result, streams);
  const std::string& facts = std::get<std::string>(body);
  if (options.json) {
    streams.out << model_json(facts) << "\n";
    return Done;
  }
  const auto text = options.learned ? learned_facts(facts, streams.colour) : explained_facts(facts);
  if (!text) return end_with({Failed, "vdm: " + text.error().message + "\n"}, streams);
  streams.out << *text;
  return Done;
}

}  // namespace

int list_models(const LocalOptions& options, const ServiceCalls& calls, const Streams& streams) {
  const auto gateway = find_gateway(options, calls);
  if (const auto* result = std::get_if<CommandResult>(&gateway)) return end_with(*result, streams);
  if (options.learned || !options.model.empty()) {
    return show_facts(std::get<Gateway>(gateway), options, streams);
  }
  const auto body = ask_models(std::get<Gateway>(gateway), options.provider);
  if (const auto* result = std::get_if<CommandResult>(&body)) return end_with(*result, streams);
  const auto rows = model_rows(std::get<std::string>(body));
  if (!rows) return end_with({Failed, "vdm: " + rows.error().message + "\n"}, streams);
  if (options.json) {
    streams.out << model_json(std::get<std::string>(body)) << "\n";
    return Done;
  }
  return show_models(*rows, streams);
}

int test_provider(const LocalOptions& options, const ServiceCalls& calls, const Streams& streams) {
  const auto found = find_gateway(options, calls);
  if (const auto* result = std::get_if<CommandResult>(&found)) return end_with(*result, streams);
  const auto& gateway = std::get<Gateway>(found);
  Trial trial{.provider = options.provider, .model = options.model};
  if (trial.model.empty() || !gateway.facts.find(trial.provider)) {
    const auto body = ask_models(gateway, trial.provider);
    if (const auto* result = std::get_if<CommandResult>(&body)) return end_with(*result, streams);
    const auto rows = model_rows(std::get<std::string>(body));
    trial.model = rows ? small_model(*rows) : "";
    if (trial.model.empty()) {
      return end_with({Failed, "vdm: it lists no model to ask; name one with --model\n"}, streams);
    }
  }
  trial.anthropic = gateway.facts.find(trial.provider)->anthropic;
  const auto answer = http_call(gateway.at, trial_call(trial, gateway.key));
  const std::string name = printable(trial.provider);
  if (!answer) {
    return end_with({Unreachable, "vdm: " + printable(answer.error().message) + "\n"}, streams);
  }
  const TrialResult result = trial_result(trial, *answer);
  if (!result.works) {
    const std::string error = "vdm: " + name + " does not work with " + printable(trial.model) +
                              ": " + result.error + "\nvdm: " + result.advice + "\n";
    const bool refused = answer->status == 401 && gateway.facts.wants_key;
    return end_with({refused ? Refused : Failed, error}, streams);
  }
  const auto us = [](std::chrono::microseconds time) {
    return duration_text(static_cast<std::uint64_t>(time.count()));
  };
  streams.out << name << " works: " << (result.model.empty() ? trial.model : result.model)
              << " answered, first byte after " << us(answer->first_byte) << ", all of it after "
              << us(answer->whole) << "\n";
  return Done;
}

}  // namespace vdm::cli
