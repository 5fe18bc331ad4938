#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "common/base/version.h"
#include "proxy-service/config/load.h"

namespace vdm::proxy {

std::variant<Flags, Exit> parse_flags(int argc, const char* const* argv) {
  constexpr int BadUsage = 2;
  Flags flags;
  CLI::App app("vdm-proxy: one address for every model provider, live on a dashboard.");
  app.name("vdm-proxy");
  std::ostringstream version;
  version << "vdm-proxy " << Version << " (commit " << Commit << ")";
  app.set_version_flag("--version", version.str(), "Print version and commit");
  app.add_option("--config", flags.config_file, "Configuration file (default: vandamme.toml)");
  app.add_option("--host", flags.host, "Address to listen on (HOST)");
  app.add_option("--port", flags.port, "Port to listen on (PORT)");
  app.add_flag("--check-config", flags.check_config, "Say what is configured, and leave");
  app.add_flag("--show-config", flags.show_config,
               "Say what every setting is and where it came from, and leave");
  app.footer("Every setting is in proxy-service/README.md and deploy/vandamme.example.toml.");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream faults;
    const int status = app.exit(error, out, faults);
    if (status == 0) return Exit{0, out.str()};
    return Exit{BadUsage, "vdm-proxy: " + faults.str()};
  }
  return flags;
}

int finish(const Exit& exit) {
  std::cout << exit.settings << std::flush;
  (exit.status == 0 ? std::cout : std::cerr) << exit.text << std::flush;
  return exit.status;
}

}  // namespace vdm::proxy
