#include "metrics-service/cli/options/command_line.h"

#include <array>
#include <sstream>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/base/version.h"

namespace vdm::cli {
namespace {

/// Options that may stand before the command and take a value.
constexpr std::array<std::string_view, 2> TakesAWord{"--address", "--config"};

void describe(CLI::App& app) {
  app.name("vdm");
  std::ostringstream version;
  version << "vdm " << Version << " (commit " << Commit << ")";
  app.set_version_flag("--version", version.str(), "Print version and commit");
  app.fallthrough();
  app.footer(
      "vdm help COMMAND says more, with examples.\n\n"
      "Keys come from the environment: VDM_METRICS_API_KEY or PROXY_API_KEY for the metrics\n"
      "service, PROXY_API_KEY for the proxy. NO_COLOR, or a pipe, takes the colour away.\n\n"
      "Exit codes: 0 done; 1 degraded, or it failed; 2 wrong usage or configuration; 3 not\n"
      "reachable; 4 refused (key, or cancelling is off); 5 no such running request; 130 Ctrl-C.\n\n"
      "Examples:\n  vdm claude\n  vdm status\n  vdm active --watch\n  vdm tail --kind ended | jq "
      ".");
}

CommandResult help(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* about = &app;
  std::string above;
  for (int at = 2; at < argc; ++at) {
    const auto named = about->get_subcommands(
        [&](const CLI::App* command) { return command->get_name() == argv[at]; });
    if (named.empty()) {
      return {WrongUsage, "vdm: no command is called '" + std::string(argv[at]) + "'\n"};
    }
    above.append(above.empty() ? "" : " ").append(about->get_name());
    about = named.front();
  }
  return {Done, about->help(above)};
}

}  // namespace

std::variant<Options, LocalOptions, CommandResult> parse_command_line(int argc,
                                                                      const char* const* argv,
                                                                      const Env& env) {
  CLI::App app("vdm: your model gateway on the command line.");
  describe(app);
  LocalCommands local(app);
  ViewCommands views(app, env);
  if (argc > 1 && std::string_view(argv[1]) == "help") return help(app, argc, argv);

  const int own = own_words(argc, argv);
  try {
    app.parse(own, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int status = app.exit(error, out, err);
    if (status == 0) return CommandResult{Done, out.str()};
    return CommandResult{WrongUsage, "vdm: " + err.str()};
  }
  if (app.get_subcommands().empty()) {
    return CommandResult{WrongUsage, "vdm: expected a command; vdm --help lists them\n"};
  }
  if (local.asked()) {
    auto options = local.options({argv + own, argv + argc});
    if (auto* result = std::get_if<CommandResult>(&options)) return std::move(*result);
    return std::get<LocalOptions>(std::move(options));
  }
  auto options = views.options(env);
  if (auto* result = std::get_if<CommandResult>(&options)) return std::move(*result);
  return std::get<Options>(std::move(options));
}

int own_words(int argc, const char* const* argv) {
  for (int at = 1; at < argc; ++at) {
    const std::string_view word = argv[at];
    if (word == "claude") return at + 1;
    if (!word.starts_with('-')) return argc;
    for (const std::string_view option : TakesAWord) at += word == option ? 1 : 0;
  }
  return argc;
}

}  // namespace vdm::cli
