#pragma once

#include <string>
#include <string_view>

#include "proxy-service/serve/client.h"

namespace vdm::proxy {

/// What the gateway says of itself, without a provider being asked and without a
/// secret. YAML as the original had it; JSON for who accepts that.
Answer health(const Lane& lane, std::string_view accept);

/// 200 while new requests are welcome, 503 before and while draining.
Answer readiness(const Lane& lane);

Answer root(const Lane& lane);

/// The metrics service has /metrics and /dashboard; one address may serve all.
Answer metrics_redirect(const Lane& lane, std::string_view path, std::string_view query);

}  // namespace vdm::proxy
