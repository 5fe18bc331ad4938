#pragma once

#include "proxy-service/config/config.h"
#include "proxy-service/redact/own_keys.h"

namespace vdm::proxy {

/// The keys of a configuration: those of its providers, the gateway's, and what is secret by its
/// name among the providers' custom headers.
OwnKeys own_keys_of(const Config& config);

}  // namespace vdm::proxy
