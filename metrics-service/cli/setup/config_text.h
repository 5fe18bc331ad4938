#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/secret.h"

namespace vdm::cli {

/// A configuration file as `vdm init` writes it. Pure. Thread: any.
struct NewProvider {
  std::string name;
  Secret key{};              ///< empty: it stays in the environment
  std::string base_url{};    ///< empty: the well-known one
  std::string api_format{};  ///< empty: the well-known one
};

/// The first provider is the default one when there are several.
std::string config_text(const std::vector<NewProvider>& providers);

/// `text` as a TOML string, quotes included.
std::string toml_string(std::string_view text);

}  // namespace vdm::cli
