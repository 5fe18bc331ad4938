#include "common/settings/load.h"

namespace vdm::settings {
namespace {

/// Puts one value, which was found under `key`, where its setting says, and records the source.
class Taking {
 public:
  Taking(ValueSources& sources, Faults& faults) : sources_(sources), faults_(faults) {}

  void take(const Setting& setting, std::string_view key, const std::string& text) {
    const auto value = parse(setting.rule, key, text);
    if (value) {
      setting.place.put(*value);
    } else {
      faults_.push_back(value.error().message);
    }
    const bool hidden = setting.rule.kind == Kind::Secret && !text.empty();
    sources_.set(setting.variable, hidden ? "set" : text, source_of(key, setting.variable));
  }

 private:
  ValueSources& sources_;
  Faults& faults_;
};

}  // namespace

void apply(const Settings& settings, const FileValues& file, const Env& env,
           const CommandLine& line, ValueSources& sources, Faults& faults) {
  Taking taking(sources, faults);
  for (const Setting& setting : settings) {
    sources.set(setting.variable, setting.default_text, ValueSources::Default);
  }
  for (const Setting& setting : settings) {
    if (const auto* text = file.find(setting.key)) taking.take(setting, setting.key, *text);
  }
  for (const Setting& setting : settings) {
    if (const auto text = env.get(setting.variable)) taking.take(setting, setting.variable, *text);
  }
  for (const Setting& setting : settings) {
    const auto found = line.values.find(setting.flag);
    if (found != line.values.end()) taking.take(setting, setting.flag, found->second);
  }
}

EarlyExit refuse(const Program& program, const Faults& faults, std::string shown) {
  EarlyExit exit{.status = BadUsage, .settings = std::move(shown)};
  for (const std::string& fault : faults) {
    exit.text.append(program.name).append(": ").append(fault).append("\n");
  }
  return exit;
}

}  // namespace vdm::settings
