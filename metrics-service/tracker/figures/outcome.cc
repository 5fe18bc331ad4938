#include "metrics-service/tracker/figures/outcome.h"

#include <cstdlib>

namespace vdm::metrics {

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::Unspecified:
      return "unspecified";
    case Outcome::Ok:
      return "ok";
    case Outcome::UpstreamError:
      return "upstream_error";
    case Outcome::ClientCancelled:
      return "client_cancelled";
    case Outcome::Timeout:
      return "timeout";
    case Outcome::Rejected:
      return "rejected";
    case Outcome::GatewayShutdown:
      return "gateway_shutdown";
    case Outcome::CancelledByOperator:
      return "cancelled_by_operator";
    case Outcome::Lost:
      return "lost";
  }
  std::abort();  // every outcome is listed above; -Wswitch keeps it so
}

std::optional<Outcome> outcome_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Outcome::Lost); ++i) {
    const auto outcome = static_cast<Outcome>(i);
    if (outcome_name(outcome) == name) return outcome;
  }
  return std::nullopt;
}

}  // namespace vdm::metrics
