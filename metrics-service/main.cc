#include <sys/stat.h>

#include "common/base/core_dumps.h"
#include "common/base/log.h"
#include "common/base/open_files.h"
#include "metrics-service/app.h"
#include "metrics-service/config/load.h"

int main(int argc, char** argv) {
  using namespace vdm::metrics;
  vdm::set_core_dumps(vdm::CoreDumps::Forbidden);
  const auto loaded = load_or_explain(argc, argv, vdm::Env::of_process());
  if (const auto* exit = std::get_if<EarlyExit>(&loaded)) return vdm::settings::finish(*exit);

  const Config& config = std::get<Config>(loaded);
  ::umask(0077);  // only the owner of the history may read its files
  if (config.core_dumps_allowed) vdm::set_core_dumps(vdm::CoreDumps::Allowed);
  vdm::log::configure(config.log_level, "vdm-metrics");
  vdm::raise_open_files_max();
  const auto app = App::start(config);
  if (!app) {
    return vdm::settings::finish(
        {.status = 1, .text = "vdm-metrics: " + app.error().message + "\n"});
  }
  return (*app)->run_until_signal();
}
