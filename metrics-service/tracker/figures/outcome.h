#pragma once

#include <optional>
#include <string_view>

#include "proto/contract/event.h"

namespace vdm::metrics {

/// Whether totals and lists count the outcome as an error. A request that a client or an operator
/// cancelled is neither success nor error; lost requests are counted separately.
constexpr bool is_error(Outcome outcome) {
  switch (outcome) {
    case Outcome::UpstreamError:
    case Outcome::Timeout:
    case Outcome::Rejected:
    case Outcome::GatewayShutdown:
    case Outcome::Unspecified:
      return true;
    case Outcome::Ok:
    case Outcome::ClientCancelled:
    case Outcome::CancelledByOperator:
    case Outcome::Lost:
      return false;
  }
  return true;
}

constexpr bool is_cancelled(Outcome outcome) {
  return outcome == Outcome::ClientCancelled || outcome == Outcome::CancelledByOperator;
}

std::string_view outcome_name(Outcome outcome);
/// The outcome of that name; nothing when there is none.
std::optional<Outcome> outcome_named(std::string_view name);

}  // namespace vdm::metrics
