#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "metrics-service/cli/launch/service_config.h"
#include "metrics-service/cli/setup/questions.h"

namespace vdm::cli {

/// What `vdm init` was told on the command line. Keys never are.
struct InitOptions {
  std::vector<std::string> providers;    ///< empty: asked for
  std::vector<std::string> base_urls;    ///< NAME=URL
  std::vector<std::string> api_formats;  ///< NAME=FORMAT
  bool yes = false;                      ///< replace what stands there
};

/// Asks for providers and their keys, and writes a configuration that vdm-proxy has accepted
/// to `file`. Returns the exit code.
int init(const InitOptions& options, const ServiceCalls& calls, const std::filesystem::path& file,
         Questions& questions, std::ostream& out, std::ostream& err);

}  // namespace vdm::cli
