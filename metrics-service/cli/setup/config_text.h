#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/secret.h"

namespace vdm::cli {

/// A configuration file as `vdm init` writes it. Pure. Thread: any.
struct NewProvider {
  std::string name;
  Secret key{};              ///< empty: the environment holds it
  std::string base_url{};    ///< empty: the provider's well-known one
  std::string api_format{};  ///< empty: the provider's well-known one
};

/// Writes the file's text; with several providers the first is the default.
std::string config_text(const std::vector<NewProvider>& providers);

/// `text` as a TOML string, quotes included.
std::string toml_string(std::string_view text);

}  // namespace vdm::cli
