#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "metrics-service/cli/launch/service_config.h"
#include "metrics-service/cli/setup/questions.h"

namespace vdm::cli {

/// The options of `vdm init`. Keys are never given on the command line.
struct InitOptions {
  std::vector<std::string> providers;    ///< empty: `vdm init` asks for them
  std::vector<std::string> base_urls;    ///< NAME=URL
  std::vector<std::string> api_formats;  ///< NAME=FORMAT
  bool yes = false;                      ///< replace an existing file
};

/// Asks for providers and their keys, lets vdm-proxy check the configuration, and writes it to
/// `file`. Returns the exit code.
int init(const InitOptions& options, const ServiceCalls& calls, const std::filesystem::path& file,
         Questions& questions, std::ostream& out, std::ostream& err);

}  // namespace vdm::cli
