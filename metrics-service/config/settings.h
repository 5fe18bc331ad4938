#pragma once

#include <string_view>

#include "common/settings/setting.h"
#include "metrics-service/config/config.h"

namespace vdm::metrics {

/// A Config being built, with the values that load() settles when it has read all sources.
struct ConfigDraft {
  Config config{};
  Secret proxy_key{};  ///< also guards this service, unless it has a key of its own
  bool open_bind_meant = false;
  bool open_ingest_meant = false;
};

/// Every setting of this service by name, with the member of `draft` it fills. load() reads these
/// settings; tests check the README and the example file against them. Pure.
settings::Settings settings_of(ConfigDraft& draft);

/// The value of VDM_DATA_DIR that keeps history in memory only.
inline constexpr std::string_view NoDirectory = "none";
/// The value of VDM_INGEST_TOKEN_FILE that stands for no file.
inline constexpr std::string_view NoTokenFile = "none";
/// The words that confirm an ingest address beyond this machine without a token.
inline constexpr std::string_view OpenIngestWords = "yes-anyone-may-report";

}  // namespace vdm::metrics
