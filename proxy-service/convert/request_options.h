#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "proxy-service/providers/model_facts.h"

namespace vdm::proxy {

/// What the conversion of a request needs to know about its target. Plain data.
struct RequestOptions {
  std::string model{};  ///< the target's name for the model
  ModelFacts facts{};   ///< of the model at the target's provider
  /// Anthropic requires a limit; for clients that send none.
  std::int64_t max_tokens = 8192;
};

/// A limit on an answer's length that the model takes: a larger one would be refused.
inline std::int64_t within_output_limit(std::int64_t wanted, const ModelFacts& facts) {
  return facts.output_tokens_max ? std::min(wanted, *facts.output_tokens_max) : wanted;
}

}  // namespace vdm::proxy
