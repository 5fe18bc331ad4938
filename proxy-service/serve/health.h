#pragma once

#include <string>
#include <string_view>

#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// What the gateway says of itself, without a provider being asked and without a
/// secret. YAML as the original had it; JSON for who accepts that.
Answer health(const Worker& worker, std::string_view accept);

/// 200 while new requests are welcome, 503 before and while draining.
Answer readiness(const Worker& worker);

Answer root(const Worker& worker);

/// The metrics service has /metrics and /dashboard; one address may serve all.
Answer metrics_redirect(const Worker& worker, std::string_view path, std::string_view query);

}  // namespace vdm::proxy
