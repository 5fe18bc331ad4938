#include <cstdio>
#include <variant>

#include "common/base/env.h"
#include "common/base/log.h"
#include "proxy-service/app.h"
#include "proxy-service/config/load.h"

int main(int argc, char** argv) {
  const auto start = vdm::proxy::load_or_explain(argc, argv, vdm::Env::of_process());
  if (const auto* exit = std::get_if<vdm::proxy::Exit>(&start)) return vdm::proxy::finish(*exit);

  const auto& config = std::get<vdm::proxy::Config>(start);
  vdm::log::configure(config.log_level, "vdm-proxy");
  const auto app = vdm::proxy::App::make(config);
  if (!app) {
    std::fprintf(stderr, "vdm-proxy: %s\n", app.error().message.c_str());
    return 1;
  }
  return (*app)->run_until_signal();
}
