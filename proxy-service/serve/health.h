#pragma once

#include <string>
#include <string_view>

#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// What the gateway reports about itself; it asks no provider and shows no secret.
/// YAML as the original had it; JSON for clients that accept it.
Answer health(const Worker& worker, std::string_view accept);

/// 200 while the gateway takes new requests, 503 before that and while it drains.
Answer readiness(const Worker& worker);

Answer root(const Worker& worker);

/// Redirects to the metrics service, which has /metrics and /dashboard: so a browser needs
/// only the gateway's address.
Answer metrics_redirect(const Worker& worker, std::string_view path, std::string_view query);

}  // namespace vdm::proxy
