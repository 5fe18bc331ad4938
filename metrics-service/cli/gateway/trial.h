#pragma once

#include <string>
#include <string_view>

#include "common/http_client/http_call.h"

namespace vdm::cli {

/// One tiny streamed completion that shows whether a provider works: the request, and how to read
/// its answer. Pure. Thread: any.
struct Trial {
  std::string provider;
  std::string model;
  bool anthropic = false;  ///< the provider's dialect, in which the trial asks, too
};

HttpCall trial_call(const Trial& trial, const Secret& key);

struct TrialResult {
  bool works = false;
  std::string model;  ///< the one that answered, by the provider's name for it
  std::string error;  ///< why there was no answer, printable on a terminal
  std::string advice;
};

TrialResult trial_result(const Trial& trial, const HttpAnswer& answer);

}  // namespace vdm::cli
