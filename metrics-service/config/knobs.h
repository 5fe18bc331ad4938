#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "metrics-service/config/config.h"

namespace vdm::metrics {

/// Every setting by name, in one table: what load() reads, and what the README is checked
/// against. Pure.

/// A Config in the making, with what is decided only when all is read.
struct Draft {
  Config config;
  bool open_bind_meant = false;
  bool own_key = false;  ///< VDM_METRICS_API_KEY, which wins over PROXY_API_KEY
  bool directory_set = false;
};

struct Knob {
  std::string_view env;
  std::string_view toml;          ///< "metrics.port"; "" when only the environment has it
  std::string_view default_text;  ///< as one would write it; "" when there is none
  std::string_view what;
  /// Puts the value where it belongs. `key` is the name it was found under.
  Result<void> (*set)(Draft& draft, std::string_view key, const std::string& text);
};

/// In the order of the README's table.
const std::vector<Knob>& knobs();

/// The words that say an open bind is meant.
inline constexpr std::string_view OpenBindWords = "yes-anyone-may-call";
/// The word that says history shall be in memory alone.
inline constexpr std::string_view NoDirectory = "none";

}  // namespace vdm::metrics
