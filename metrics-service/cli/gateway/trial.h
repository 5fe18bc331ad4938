#pragma once

#include <string>
#include <string_view>

#include "metrics-service/cli/gateway/http_call.h"

namespace vdm::cli {

/// One tiny streamed completion that shows whether a provider works: what is sent, and what
/// came of it. Pure. Thread: any.
struct Trial {
  std::string provider;
  std::string model;
  bool anthropic = false;  ///< the provider's dialect, and ours for this
};

HttpCall trial_call(const Trial& trial, const Secret& key);

struct TrialResult {
  bool works = false;
  std::string model;  ///< that answered, as the provider calls it
  std::string error;  ///< what came instead of an answer, for a terminal
  std::string advice;
};

TrialResult trial_result(const Trial& trial, const HttpAnswer& answer);

}  // namespace vdm::cli
