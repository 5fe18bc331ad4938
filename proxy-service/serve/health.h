#pragma once

#include <string>
#include <string_view>

#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// How much of itself the gateway tells: to whom it does not know, only that it lives.
enum class Told { Alive, All };

/// What the gateway reports about itself; it asks no provider and shows no secret.
/// YAML as the original had it; JSON for clients that accept it.
Answer health(const Worker& worker, std::string_view accept, Told told);

/// 200 while the gateway takes new requests, 503 before that and while it drains.
Answer readiness(const Worker& worker);

Answer root(const Worker& worker);

/// For a path of the metrics service's (/dashboard, those below /metrics): a redirect to where
/// callers find that service. If all we know is an address of this machine's own, which a caller
/// elsewhere would take for its own, a 404 that says so.
Answer metrics_service_answer(const Worker& worker, std::string_view path, std::string_view query);

}  // namespace vdm::proxy
