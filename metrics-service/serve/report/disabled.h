#pragma once

#include <string>
#include <string_view>

namespace vdm::metrics {

/// The answer for a part that is switched off, which says how to switch it on.
struct Disabled {
  std::string message;
  std::string suggestion;
};
Disabled metrics_disabled();
Disabled feeds_disabled();
/// {"disabled":true,"message":…,"suggestion":…}, with `rest` (",…" or nothing) before the closing
/// brace.
std::string disabled_data(const Disabled& disabled, std::string_view rest = "");

}  // namespace vdm::metrics
