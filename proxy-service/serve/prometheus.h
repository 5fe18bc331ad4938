#pragma once

#include <string>

#include "proxy-service/worker/worker.h"

namespace vdm::proxy {

/// The figures of this process since its start, as Prometheus text. What concerns all proxies, by
/// model and provider, is the metrics service's to say. No key and nothing of a request is in it.
std::string prometheus_text(const Worker& worker);

}  // namespace vdm::proxy
