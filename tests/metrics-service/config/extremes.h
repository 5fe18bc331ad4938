#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "metrics-service/config/settings.h"
#include "tests/common/settings/extremes.h"

namespace vdm::metrics {

/// What a numeric setting of this service may be at the ends of its range.
inline std::vector<std::int64_t> extremes_of(std::string_view variable) {
  ConfigDraft draft;
  for (const settings::Setting& setting : settings_of(draft)) {
    if (setting.variable == variable) return settings::extremes(setting.rule);
  }
  ADD_FAILURE() << "no setting " << variable;
  return {};
}

}  // namespace vdm::metrics
