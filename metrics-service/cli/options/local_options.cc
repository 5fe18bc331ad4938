#include "metrics-service/cli/options/local_options.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "common/base/host_port.h"

namespace vdm::cli {

LocalCommands::LocalCommands(CLI::App& app) {
  app.add_option("--config", options_.config_file,
                 "Configuration file (default: ~/.config/vandamme/vandamme.toml, if it is there)")
      ->type_name("FILE");
  add_starting(app);
  add_setup(app);
  add_keys(app);
  add_trying(app);
}

void LocalCommands::choose(LocalCommand command) {
  asked_ = true;
  options_.command = command;
}

void LocalCommands::add_starting(CLI::App& app) {
  CLI::App& claude = *app.add_subcommand("claude", "Run Claude Code through this gateway");
  claude.set_help_flag();
  claude.footer(
      "Everything after the word claude is Claude Code's own. What is not running of vdm-proxy\n"
      "and vdm-metrics is started in the background first, and stays; vdm down ends it. Its logs\n"
      "are in ~/.local/state/vandamme/run. Without a provider's key Claude Code's own login is\n"
      "passed on to Anthropic, and to nobody else. Its /model lists the proxy's aliases, and a\n"
      "model that it does not know has the window of the one it starts with.\n\n"
      "Examples:\n  vdm claude\n  vdm claude --resume\n  vdm claude -p 'what is in this "
      "folder?'\n\n"
      "Exit code: Claude Code's own; 1 and 2 also when the services could not be started, 3 when\n"
      "there is no claude, 4 when the proxy wants a key.");
  claude.callback([this] { choose(LocalCommand::Claude); });

  CLI::App& up = *app.add_subcommand("up", "Start vdm-proxy and vdm-metrics in the background");
  up.footer(
      "What runs already is left alone. They run in ~/.local/state/vandamme/run, where relative\n"
      "paths of settings are taken from.\n\nExample:\n  vdm up && vdm status");
  up.callback([this] { choose(LocalCommand::Up); });

  CLI::App& down = *app.add_subcommand("down", "End what vdm started");
  down.add_flag("--now", options_.now, "End running requests rather than let them finish");
  down.footer("Services that were started otherwise are left alone.\n\nExample:\n  vdm down");
  down.callback([this] { choose(LocalCommand::Down); });
}

void LocalCommands::add_setup(CLI::App& app) {
  CLI::App& init =
      *app.add_subcommand("init", "Ask for providers' keys and write the configuration");
  InitOptions& wanted = options_.init;
  init.add_option("--provider", wanted.providers,
                  "Ask for this one's key only, or read it from a pipe; may be repeated")
      ->type_name("NAME");
  init.add_option("--base-url", wanted.base_urls, "Where a provider is that is not well known")
      ->type_name("NAME=URL");
  init.add_option("--api-format", wanted.api_formats, "Its dialect: openai or anthropic")
      ->type_name("NAME=FORMAT");
  init.add_flag("--yes", wanted.yes, "Replace the file if it is there");
  init.footer(
      "Writes to --config, for its owner's eyes alone, once vdm-proxy has accepted it.\n\n"
      "Examples:\n  vdm init\n"
      "  vdm init --provider anthropic <key.txt\n"
      "  printf '%s\\n' \"$KEY\" | vdm init --provider mine --base-url "
      "mine=https://llm.example/v1");
  init.callback([this] { choose(LocalCommand::Init); });

  CLI::App& config = *app.add_subcommand("config", "Look at the configuration");
  config.require_subcommand(1);
  CLI::App& check = *config.add_subcommand("check", "Have both services judge their configuration");
  check.add_flag("--show", options_.show, "Also what every setting is, and where it came from");
  check.footer(
      "Keys are shown as set or unset.\n\nExit codes: 0 valid; 2 with faults; 1 a service is not "
      "installed.\n\nExamples:\n  vdm config check\n  vdm config check --show | grep PORT");
  check.callback([this] { choose(LocalCommand::ConfigCheck); });
}

void LocalCommands::add_keys(CLI::App& app) {
  CLI::App& keys = *app.add_subcommand("keys", "Make keys for those who call the services");
  keys.require_subcommand(1);
  CLI::App& made = *keys.add_subcommand("new", "Make a key and print it, with its table");
  NewKey& wanted = options_.new_key;
  made.add_option("name", wanted.name, "Whose key it is")->type_name("NAME")->required();
  made.add_option("--role", wanted.role, "client, viewer, operator, admin or ingest")
      ->type_name("ROLE")
      ->required();
  made.add_option("--expires", wanted.expires, "The day from which it opens nothing")
      ->type_name("DAY");
  made.footer(
      "Writes nothing: the key is printed once, and the lines for vandamme.toml hold its hash\n"
      "alone. vdm-proxy takes them as it runs, vdm-metrics when it starts. To change a key, give "
      "the\n"
      "old table an `expires` and add the new one: until then both open.\n\n"
      "Roles: client asks models and sees its own requests; viewer reads metrics; operator also\n"
      "cancels requests and tests providers; admin may all; ingest reports as a proxy.\n\n"
      "Examples:\n  vdm keys new ci --role client --expires 2027-01-31\n"
      "  vdm keys new wall-display --role viewer");
  made.callback([this] { choose(LocalCommand::NewKey); });
}

void LocalCommands::add_trying(CLI::App& app) {
  const auto add_gateway = [this](CLI::App& command) {
    command
        .add_option("--gateway", options_.gateway,
                    "The proxy to ask (default: where the configuration has it listen)")
        ->type_name("HOST:PORT");
  };
  CLI::App& models = *app.add_subcommand("models", "List the models a provider offers");
  models.add_option("--provider", options_.provider, "Of this provider (default: the default one)")
      ->type_name("NAME");
  models
      .add_option(
          "--explain", options_.model,
          "What is known of this model: which rows of the facts hold, what a request is sent "
          "and what is left out")
      ->type_name("[PROVIDER:]MODEL");
  models.add_flag("--learned", options_.learned, "What providers refused in the last hour");
  models.add_flag("--json", options_.json, "One line of JSON instead of a table");
  add_gateway(models);
  models.footer(
      "Prices are in US dollars per million tokens; \"-\" is not known.\n\nExamples:\n  vdm "
      "models\n"
      "  vdm models --provider openrouter --json | jq .data[].id\n"
      "  vdm models --explain openai:gpt-5.4\n  vdm models --learned");
  models.callback([this] { choose(LocalCommand::Models); });

  CLI::App& test = *app.add_subcommand("test", "Send a provider one tiny real request");
  test.add_option("provider", options_.provider, "The provider's name")->required();
  test.add_option("--model", options_.model, "The model to ask (default: a small one of its list)")
      ->type_name("NAME");
  add_gateway(test);
  test.footer(
      "Exit codes: 0 it works; 1 it does not; 2 no such provider; 3 no proxy; 4 the proxy wants a\n"
      "key.\n\nExamples:\n  vdm test anthropic\n  vdm test openai --model gpt-4o-mini");
  test.callback([this] { choose(LocalCommand::Test); });
}

std::variant<LocalOptions, CommandResult> LocalCommands::options(
    std::vector<std::string> claude_arguments) {
  if (!options_.gateway.empty()) {
    const auto parsed = parse_host_port("--gateway", options_.gateway);
    if (!parsed) return CommandResult{WrongUsage, "vdm: " + parsed.error().message + "\n"};
  }
  const InitOptions& init = options_.init;
  for (const auto* pairs : {&init.base_urls, &init.api_formats}) {
    for (const std::string& pair : *pairs) {
      const std::string name = pair.substr(0, pair.find('='));
      const bool named = pair.find('=') != pair.npos &&
                         std::ranges::find(init.providers, name) != init.providers.end();
      if (!named) {
        return CommandResult{WrongUsage, "vdm: '" + pair + "': expected NAME=… of a --provider\n"};
      }
    }
  }
  options_.claude_arguments = std::move(claude_arguments);
  return options_;
}

}  // namespace vdm::cli
