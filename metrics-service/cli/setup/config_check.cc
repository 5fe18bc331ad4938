#include "metrics-service/cli/setup/config_check.h"

#include <set>
#include <string>

#include "metrics-service/cli/terminal/command_result.h"

namespace vdm::cli {

int config_check(const ServiceCalls& calls, CheckDepth depth, std::ostream& out, std::ostream& err,
                 Colour colour) {
  Table table({{"SERVICE"}, {"SETTING"}, {"VALUE"}, {"FROM"}});
  std::set<std::string> valid;
  std::set<std::string> wrong;
  int code = Done;
  for (const char* service : {"vdm-metrics", "vdm-proxy"}) {
    const auto config = ask_config(calls, service);
    if (!config) {
      wrong.insert("vdm: " + config.error().message);
      code = Failed;
      continue;
    }
    for (const auto& [name, value, from] : config->settings) {
      table.add({service, name, value, from});
    }
    wrong.insert(config->errors.begin(), config->errors.end());
    if (config->errors.empty()) valid.insert(std::string(service) + ": the configuration is valid");
  }
  if (depth == CheckDepth::EverySource) {
    out << "file: " << (calls.config_file.empty() ? "none" : printable(calls.config_file.string()))
        << "\n\n"
        << table.text(colour) << "\n";
  }
  for (const std::string& line : valid) out << printable(line) << "\n";
  out.flush();
  for (const std::string& line : wrong) err << printable(line) << "\n";
  if (code == Done && !wrong.empty()) code = WrongUsage;
  return code;
}

}  // namespace vdm::cli
