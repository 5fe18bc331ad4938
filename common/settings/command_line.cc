#include "common/settings/command_line.h"

#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "common/base/version.h"

namespace vdm::settings {
namespace {

constexpr std::string_view DefaultFile = "vandamme.toml";

/// One line per setting: "VDM_BODY_BYTES_MAX, limits.body-bytes: one request body; 413 (64MiB)".
std::string help_text(const Settings& settings) {
  std::ostringstream text;
  text << "Settings, in the environment or in the file:\n";
  for (const Setting& setting : settings) {
    text << "  " << setting.variable;
    if (!setting.key.empty()) text << ", " << setting.key;
    text << ": " << setting.help;
    const std::string range = setting.rule.range();
    if (!range.empty()) text << "; " << range;
    if (!setting.default_text.empty()) text << " (" << setting.default_text << ")";
    text << "\n";
  }
  return text.str();
}

}  // namespace

std::string CommandLine::file_name() const {
  return config_file.value_or(std::string(DefaultFile));
}

std::variant<CommandLine, EarlyExit> parse_command_line(const Program& program,
                                                        const Settings& settings, int argc,
                                                        const char* const* argv) {
  const std::string name(program.name);
  CommandLine line;
  CLI::App app(name + ": " + std::string(program.about));
  app.name(name);
  app.set_version_flag("--version",
                       name + " " + std::string(Version) + " (commit " + std::string(Commit) + ")",
                       "Print version and commit");
  app.add_option("--config", line.config_file, "Configuration file (default: vandamme.toml)");
  for (const Setting& setting : settings) {
    if (setting.flag.empty()) continue;
    const std::string flag(setting.flag);
    app.add_option_function<std::string>(
        flag, [&line, flag](const std::string& text) { line.values.insert_or_assign(flag, text); },
        std::string(setting.help).append(" (").append(setting.variable).append(")"));
  }
  app.add_flag("--check-config", line.check_config, "Say what is configured, and leave");
  app.add_flag("--show-config", line.show_config,
               "Say what every setting is and where it came from, and leave");
  if (!program.task.empty()) {
    app.add_flag(std::string(program.task), line.task, std::string(program.task_about));
  }
  app.footer(help_text(settings));

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream faults;
    const int status = app.exit(error, out, faults);
    if (status == 0) return EarlyExit{.text = out.str()};
    return EarlyExit{.status = BadUsage, .text = name + ": " + faults.str()};
  }
  return line;
}

int finish(const EarlyExit& exit) {
  std::cout << exit.settings << std::flush;
  (exit.status == 0 ? std::cout : std::cerr) << exit.text << std::flush;
  return exit.status;
}

}  // namespace vdm::settings
