#pragma once

#include <string>
#include <utility>
#include <variant>

#include "common/base/env.h"
#include "common/settings/command_line.h"
#include "common/settings/file.h"
#include "common/settings/setting.h"
#include "common/settings/value_sources.h"

namespace vdm::settings {

/// Puts each setting's value where its row says: the file's, then the environment's, then the
/// command line's, so that the last wins. It collects all faults, and records each value's source
/// even when there are faults.
void apply(const Settings& settings, const FileValues& file, const Env& env,
           const CommandLine& line, ValueSources& sources, Faults& faults);

/// An exit that prints the faults, each on a line that begins with the program's name.
EarlyExit refuse(const Program& program, const Faults& faults, std::string shown);

/// What a service's main() calls first: gives the configuration, or what to print instead. `load`
/// makes a Config or Faults from a command line and records the sources; `summary` is what
/// --check-config prints of a valid Config.
template <class Config, class Load, class Summary>
std::variant<Config, EarlyExit> load_or_explain(const Program& program,
                                                std::variant<CommandLine, EarlyExit> parsed,
                                                Load load, Summary summary) {
  if (auto* exit = std::get_if<EarlyExit>(&parsed)) return std::move(*exit);
  const CommandLine& line = std::get<CommandLine>(parsed);
  ValueSources sources;
  std::variant<Config, Faults> loaded = load(line, sources);
  std::string shown = line.show_config ? sources.text() : "";
  if (const auto* faults = std::get_if<Faults>(&loaded)) {
    return refuse(program, *faults, std::move(shown));
  }
  if (line.show_config) return EarlyExit{.settings = std::move(shown)};
  if (line.check_config) return EarlyExit{.text = summary(std::get<Config>(loaded))};
  return std::get<Config>(std::move(loaded));
}

}  // namespace vdm::settings
