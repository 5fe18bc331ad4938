#include "metrics-service/cli/options.h"

#include <map>
#include <sstream>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/base/version.h"

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

/// CLI11's own check would print all the words a second time in the help.
template <class Value>
CLI::Validator one_of(const std::map<std::string, Value>& names) {
  return CLI::Validator(
      [&names](std::string& word) {
        return names.contains(word) ? ""
                                    : "expected one of " + words(names) + ", got '" + word + "'";
      },
      "");
}

/// What CLI11 writes into before it becomes Options.
struct Raw {
  std::vector<std::string> kinds;
  std::vector<std::string> outcomes;
  std::string provider;
  std::string model;
  std::string proxy;
  std::string client;
  bool no_snapshot = false;
};

void add_model_filters(CLI::App& command, Raw& raw) {
  command.add_option("--provider", raw.provider, "Only this provider (glob: * and ?)")
      ->type_name("GLOB");
  command.add_option("--model", raw.model, "Only this model, as asked for or resolved (glob)")
      ->type_name("GLOB");
}

void add_filters(CLI::App& command, Raw& raw) {
  add_model_filters(command, raw);
  command.add_option("--proxy", raw.proxy, "Only this proxy (glob)")->type_name("GLOB");
  command.add_option("--client", raw.client, "Only this client, by the label of its key (glob)")
      ->type_name("GLOB");
}

void add_tail(CLI::App& app, Options& options, Raw& raw) {
  CLI::App& tail = *app.add_subcommand("tail", "Print every event as one line of JSON");
  tail.add_option("--kind", raw.kinds, "Only these kinds, once or several times: " + words(kinds()))
      ->delimiter(',')
      ->check(one_of(kinds()))
      ->type_name("KIND");
  tail.add_option("--outcome", raw.outcomes, "Only ends with these outcomes: " + words(outcomes()))
      ->delimiter(',')
      ->check(one_of(outcomes()))
      ->type_name("OUTCOME");
  add_filters(tail, raw);
  auto* after =
      tail.add_option("--after", options.after, "Resume after this cursor")->type_name("CURSOR");
  tail.add_option("--state", options.state_file,
                  "Keep the cursor in this file, and resume from it next time")
      ->type_name("FILE")
      ->excludes(after);
  tail.add_flag("--no-snapshot", raw.no_snapshot,
                "Begin with events, not with what runs (so does --kind)");
  tail.add_flag("--wait", options.wait, "Wait for a service that is not there yet");
  tail.add_option("--count", options.count, "Leave after this many events")->type_name("N");
  tail.footer(
      "Lost streams are resumed where they broke. A line that begins with {\"kind\":\"reset\"}\n"
      "says that events were passed over. Ctrl-C ends it with code 0.\n\n"
      "Examples:\n"
      "  vdm tail --kind ended --outcome upstream_error,timeout\n"
      "  vdm tail --state /var/tmp/vdm.cursor | billing-import\n"
      "  vdm tail --model 'claude-*' --count 10 | jq .started.facts.resolved_model");
  tail.callback([&options] { options.command = Command::Tail; });
}

void add_active(CLI::App& app, Options& options, Raw& raw) {
  CLI::App& active = *app.add_subcommand("active", "List the requests that run now");
  add_filters(active, raw);
  auto* json = active.add_flag("--json", options.json, "One line of JSON instead of a table");
  active.add_flag("--watch", options.watch, "Redraw when something changes, until Ctrl-C")
      ->excludes(json);
  active.footer("Examples:\n  vdm active --watch\n  vdm active --provider openai --json");
  active.callback([&options] { options.command = Command::Active; });
}

void add_others(CLI::App& app, Options& options, Raw& raw) {
  CLI::App& totals = *app.add_subcommand("totals", "Show running totals by provider and model");
  add_model_filters(totals, raw);
  totals.add_flag("--json", options.json, "One line of JSON instead of a table");
  totals.footer("Examples:\n  vdm totals\n  vdm totals --provider anthropic --json");
  totals.callback([&options] { options.command = Command::Totals; });

  CLI::App& cancel = *app.add_subcommand("cancel", "End a running request");
  cancel.add_option("id", options.request_id, "The request's id, as x-request-id says it")
      ->required();
  cancel.footer(
      "The metrics service must allow it (VDM_ALLOW_CANCEL=true).\n\n"
      "Example:\n  vdm cancel req_0af7651916cd43dd8448eb211c80319c_42");
  cancel.callback([&options] { options.command = Command::Cancel; });

  CLI::App& status = *app.add_subcommand("status", "Say how the metrics service and proxies are");
  status.add_flag("--json", options.json, "One line of JSON instead of text");
  status.footer("Example:\n  vdm status >/dev/null || page-somebody");
  status.callback([&options] { options.command = Command::Status; });
}

/// A service that listens everywhere is reached on this machine by loopback.
std::string address_to_call(std::string address) {
  for (const std::string_view everywhere : {"0.0.0.0:", "[::]:"}) {
    if (address.starts_with(everywhere)) return "127.0.0.1:" + address.substr(everywhere.size());
  }
  return address;
}

void finish(Options& options, const Raw& raw, const Env& env) {
  for (const std::string& kind : raw.kinds) options.filter.add_kinds(kinds().at(kind));
  for (const std::string& outcome : raw.outcomes) {
    options.filter.add_outcomes(outcomes().at(outcome));
  }
  options.filter.set_provider(raw.provider);
  options.filter.set_model(raw.model);
  options.filter.set_proxy(raw.proxy);
  options.filter.set_client_label(raw.client);
  options.snapshot = !raw.no_snapshot && raw.kinds.empty();
  options.address = address_to_call(std::move(options.address));
  const auto own = env.get("VDM_METRICS_API_KEY");
  const auto shared = env.get("PROXY_API_KEY");
  if (own || shared) options.key = Secret(own ? *own : *shared);
}

}  // namespace

std::variant<Options, Ending> parse_options(int argc, const char* const* argv, const Env& env) {
  Options options;
  Raw raw;
  options.address = env.get("VDM_EVENTS_ADDRESS").value_or(options.address);
  CLI::App app("vdm: what your model gateway is doing, on the command line.");
  app.name("vdm");
  std::ostringstream version;
  version << "vdm " << Version << " (commit " << Commit << ")";
  app.set_version_flag("--version", version.str(), "Print version and commit");
  app.add_option("--address", options.address,
                 "Events of the metrics service (VDM_EVENTS_ADDRESS; default 127.0.0.1:50052)")
      ->type_name("HOST:PORT");
  app.fallthrough();
  add_tail(app, options, raw);
  add_active(app, options, raw);
  add_others(app, options, raw);
  app.footer(
      "The key is taken from VDM_METRICS_API_KEY, or from PROXY_API_KEY.\n"
      "NO_COLOR, or a pipe, takes the colour away.\n\n"
      "Exit codes: 0 done; 1 degraded, or the call failed; 2 wrong usage; 3 the service is not\n"
      "reachable; 4 refused (key, or cancelling is off); 5 no such running request.\n\n"
      "Examples:\n  vdm status\n  vdm active --watch\n  vdm tail --kind ended | jq .");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream faults;
    const int status = app.exit(error, out, faults);
    if (status == 0) return Ending{Done, out.str()};
    return Ending{WrongUsage, "vdm: " + faults.str()};
  }
  if (app.get_subcommands().empty()) {
    return Ending{WrongUsage, "vdm: expected a command; vdm --help lists them\n"};
  }
  if (const auto parsed = parse_host_port("--address", options.address); !parsed) {
    return Ending{WrongUsage, "vdm: " + parsed.error().message + "\n"};
  }
  finish(options, raw, env);
  return options;
}

}  // namespace vdm::cli
