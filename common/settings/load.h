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

/// Puts each setting where it belongs: what the file says, then the environment, then the command
/// line, so that the last wins. Every fault is gathered; each value's source is noted, faults or
/// not.
void apply(const Settings& settings, const FileValues& file, const Env& env,
           const CommandLine& line, ValueSources& sources, Faults& faults);

/// All faults, each on a line of its own behind the program's name.
EarlyExit refuse(const Program& program, const Faults& faults, std::string shown);

/// What a service's main() does first: its configuration, or what to print instead. `load` makes
/// a Config or Faults of a command line and notes the sources; `summary` is what --check-config
/// prints of a valid one.
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
