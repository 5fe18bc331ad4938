#include <cstdio>
#include <variant>

#include "common/base/core_dumps.h"
#include "common/base/env.h"
#include "common/base/log.h"
#include "proxy-service/app.h"
#include "proxy-service/config/load.h"
#include "proxy-service/send_spools.h"

int main(int argc, char** argv) {
  vdm::set_core_dumps(vdm::CoreDumps::Forbidden);
  const vdm::Env env = vdm::Env::of_process();
  const auto start = vdm::proxy::load_or_explain(argc, argv, env);
  if (const auto* exit = std::get_if<vdm::settings::EarlyExit>(&start)) {
    return vdm::settings::finish(*exit);
  }

  const auto& config = std::get<vdm::proxy::Config>(start);
  if (config.core_dumps_allowed) vdm::set_core_dumps(vdm::CoreDumps::Allowed);
  vdm::log::configure(config.log_level, "vdm-proxy");
  const auto line =
      std::get<vdm::settings::CommandLine>(vdm::proxy::parse_command_line(argc, argv));
  if (line.task) return vdm::proxy::send_spools(config);
  vdm::proxy::LiveConfig live(line, env, vdm::proxy::Machine::here(), config);
  const auto app = vdm::proxy::App::make(live);
  if (!app) {
    std::fprintf(stderr, "vdm-proxy: %s\n", app.error().message.c_str());
    return 1;
  }
  return (*app)->run_until_signal();
}
