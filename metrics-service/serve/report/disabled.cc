#include "metrics-service/serve/report/disabled.h"

#include "common/base/json_writer.h"

namespace vdm::metrics {

Disabled metrics_disabled() {
  return {"Request metrics are switched off.",
          "Set LOG_REQUEST_METRICS=true for the proxies and for vdm-metrics, and restart them."};
}

Disabled feeds_disabled() {
  return {"Live updates over Server-Sent Events are switched off.",
          "Set VDM_ACTIVE_REQUESTS_SSE_ENABLED=true for vdm-metrics and restart it, or poll "
          "/metrics/active-requests."};
}

std::string disabled_data(const Disabled& disabled, std::string_view rest) {
  JsonWriter out;
  out.begin_object()
      .member("disabled", true)
      .member("message", disabled.message)
      .member("suggestion", disabled.suggestion);
  return out.take() + std::string(rest) + "}";
}

}  // namespace vdm::metrics
