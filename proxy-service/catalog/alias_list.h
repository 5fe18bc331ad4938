#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// What the configuration says of names, for people and tools: no provider is asked.

/// GET /v1/aliases, by provider; under "*" those that are nobody's.
Answer aliases(const Worker& worker);

/// GET /profiles
Answer profiles(const Worker& worker);

/// The aliases of the profile that is named ("#name" means no provider), or that is the
/// default when nothing is, as a provider's list of models. Empty: there is no profile of that
/// name. Nothing: a provider is meant.
std::optional<std::string> models_of_profile(const Worker& worker, std::string_view name,
                                             Dialect client);

}  // namespace vdm::proxy
