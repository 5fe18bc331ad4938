#include "metrics-service/cli/options/view_options.h"

#include <map>

#include <CLI/CLI.hpp>

#include "common/base/host_port.h"

namespace vdm::cli {
namespace {

namespace v1 = metrics::v1;

const std::map<std::string, v1::EventKind>& kinds() {
  static const std::map<std::string, v1::EventKind> names{
      {"started", v1::EVENT_KIND_STARTED}, {"progressed", v1::EVENT_KIND_PROGRESSED},
      {"ended", v1::EVENT_KIND_ENDED},     {"lost", v1::EVENT_KIND_LOST},
      {"gap", v1::EVENT_KIND_GAP},         {"proxy", v1::EVENT_KIND_PROXY}};
  return names;
}

const std::map<std::string, v1::Outcome>& outcomes() {
  static const std::map<std::string, v1::Outcome> names{
      {"ok", v1::OUTCOME_OK},
      {"upstream_error", v1::OUTCOME_UPSTREAM_ERROR},
      {"client_cancelled", v1::OUTCOME_CLIENT_CANCELLED},
      {"timeout", v1::OUTCOME_TIMEOUT},
      {"rejected", v1::OUTCOME_REJECTED},
      {"gateway_shutdown", v1::OUTCOME_GATEWAY_SHUTDOWN},
      {"cancelled_by_operator", v1::OUTCOME_CANCELLED_BY_OPERATOR},
      {"lost", v1::OUTCOME_LOST}};
  return names;
}

template <class Value>
std::string words(const std::map<std::string, Value>& names) {
  std::string text;
  for (const auto& [name, value] : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

/// Checks here rather than in CLI11, whose own check would list all the words twice in the help.
template <class Value>
CLI::Validator one_of(const std::map<std::string, Value>& names) {
  return CLI::Validator(
      [&names](std::string& word) {
        return names.contains(word) ? ""
                                    : "expected one of " + words(names) + ", got '" + word + "'";
      },
      "");
}

std::string callable_address(std::string address) {
  const auto at = parse_host_port("--address", address);
  return at ? authority({callable_host(at->host), at->port}) : address;
}

}  // namespace

void ViewCommands::add_model_filters(CLI::App& command) {
  command.add_option("--provider", raw_.provider, "Only this provider (glob: * and ?)")
      ->type_name("GLOB");
  command.add_option("--model", raw_.model, "Only this model, as asked for or resolved (glob)")
      ->type_name("GLOB");
}

void ViewCommands::add_filters(CLI::App& command) {
  add_model_filters(command);
  command.add_option("--proxy", raw_.proxy, "Only this proxy (glob)")->type_name("GLOB");
  command.add_option("--client", raw_.client, "Only this client, by the label of its key (glob)")
      ->type_name("GLOB");
}

void ViewCommands::add_tail(CLI::App& app) {
  CLI::App& tail = *app.add_subcommand("tail", "Print every event as one line of JSON");
  tail.add_option("--kind", raw_.kinds,
                  "Only these kinds, once or several times: " + words(kinds()))
      ->delimiter(',')
      ->check(one_of(kinds()))
      ->type_name("KIND");
  tail.add_option("--outcome", raw_.outcomes, "Only ends with these outcomes: " + words(outcomes()))
      ->delimiter(',')
      ->check(one_of(outcomes()))
      ->type_name("OUTCOME");
  add_filters(tail);
  auto* after =
      tail.add_option("--after", options_.after, "Resume after this cursor")->type_name("CURSOR");
  tail.add_option("--state", options_.state_file,
                  "Keep the cursor in this file, and resume from it next time")
      ->type_name("FILE")
      ->excludes(after);
  tail.add_flag("--no-snapshot", raw_.no_snapshot,
                "Begin with events, not with what runs (so does --kind)");
  tail.add_flag("--wait", options_.wait, "Wait for a service that is not there yet");
  tail.add_option("--count", options_.count, "Leave after this many events")->type_name("N");
  tail.footer(
      "Lost streams are resumed where they broke. A line that begins with {\"kind\":\"reset\"}\n"
      "says that events were passed over. Ctrl-C ends it with code 0.\n\n"
      "Examples:\n"
      "  vdm tail --kind ended --outcome upstream_error,timeout\n"
      "  vdm tail --kind ended | jq -c 'select(.ended.model_mismatch).ended.answered_model'\n"
      "  vdm tail --state /var/tmp/vdm.cursor | billing-import\n"
      "  vdm tail --model 'claude-*' --count 10 | jq .started.facts.resolved_model");
  tail.callback([this] { options_.command = Command::Tail; });
}

void ViewCommands::add_active(CLI::App& app) {
  CLI::App& active = *app.add_subcommand("active", "List the requests that run now");
  add_filters(active);
  auto* json = active.add_flag("--json", options_.json, "One line of JSON instead of a table");
  active.add_flag("--watch", options_.watch, "Redraw when something changes, until Ctrl-C")
      ->excludes(json);
  active.footer(
      "Behind a model stands in brackets what is out of the ordinary: the model that answers\n"
      "in its place, a subscription that pays, another kind of request than a completion.\n\n"
      "Examples:\n  vdm active --watch\n  vdm active --provider openai --json");
  active.callback([this] { options_.command = Command::Active; });
}

void ViewCommands::add_totals(CLI::App& app) {
  CLI::App& totals = *app.add_subcommand("totals", "Show running totals by provider and model");
  add_model_filters(totals);
  totals.add_flag("--json", options_.json, "One line of JSON instead of a table");
  totals.footer(
      "MISMATCHED: answered by another model than the one asked.\n\n"
      "Examples:\n  vdm totals\n  vdm totals --provider anthropic --json");
  totals.callback([this] { options_.command = Command::Totals; });
}

void ViewCommands::add_cancel(CLI::App& app) {
  CLI::App& cancel = *app.add_subcommand("cancel", "End a running request");
  cancel.add_option("id", options_.request_id, "The request's id, as x-request-id says it")
      ->required();
  cancel.footer(
      "The metrics service must allow it (VDM_ALLOW_CANCEL=true).\n\n"
      "Example:\n  vdm cancel req_0af7651916cd43dd8448eb211c80319c_42");
  cancel.callback([this] { options_.command = Command::Cancel; });
}

void ViewCommands::add_status(CLI::App& app) {
  CLI::App& status = *app.add_subcommand("status", "Say how the metrics service and proxies are");
  status.add_flag("--json", options_.json, "One line of JSON instead of text");
  status.footer(
      "UNLISTED: rejected requests that came too many at a time to be listed.\n\n"
      "Example:\n  vdm status >/dev/null || page-somebody");
  status.callback([this] { options_.command = Command::Status; });
}

ViewCommands::ViewCommands(CLI::App& app, const Env& env) {
  options_.address = env.get("VDM_EVENTS_ADDRESS").value_or(options_.address);
  app.add_option("--address", options_.address,
                 "Events of the metrics service (VDM_EVENTS_ADDRESS; default 127.0.0.1:50052)")
      ->type_name("HOST:PORT");
  add_active(app);
  add_tail(app);
  add_totals(app);
  add_status(app);
  add_cancel(app);
}

std::variant<Options, CommandResult> ViewCommands::options(const Env& env) {
  if (const auto parsed = parse_host_port("--address", options_.address); !parsed) {
    return CommandResult{WrongUsage, "vdm: " + parsed.error().message + "\n"};
  }
  for (const std::string& kind : raw_.kinds) options_.filter.add_kinds(kinds().at(kind));
  for (const std::string& outcome : raw_.outcomes) {
    options_.filter.add_outcomes(outcomes().at(outcome));
  }
  options_.filter.set_provider(raw_.provider);
  options_.filter.set_model(raw_.model);
  options_.filter.set_proxy(raw_.proxy);
  options_.filter.set_client_label(raw_.client);
  options_.snapshot = !raw_.no_snapshot && raw_.kinds.empty();
  options_.address = callable_address(std::move(options_.address));
  const auto own = env.get("VDM_METRICS_API_KEY");
  const auto shared = env.get("PROXY_API_KEY");
  if (own || shared) options_.key = Secret(own ? *own : *shared);
  return options_;
}

}  // namespace vdm::cli
