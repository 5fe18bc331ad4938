#pragma once

#include <string_view>

#include "common/settings/setting.h"
#include "metrics-service/config/config.h"

namespace vdm::metrics {

/// A Config in the making, with what is decided only when all is read.
struct ConfigDraft {
  Config config{};
  Secret proxy_key{};  ///< guards this service too, unless it has a key of its own
  bool open_bind_meant = false;
};

/// Every setting of this service by name, and the member of `draft` it goes to: what load() reads,
/// and what the README and the example file are checked against. Pure.
settings::Settings settings_of(ConfigDraft& draft);

/// The word that says history shall be in memory alone.
inline constexpr std::string_view NoDirectory = "none";

}  // namespace vdm::metrics
