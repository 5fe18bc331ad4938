#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proxy-service/serve/client.h"

namespace vdm::proxy {

/// What the configuration says of names, for people and tools: no provider is asked.

/// GET /v1/aliases, by provider; under "*" those that are nobody's.
Answer aliases(const Lane& lane);

/// GET /profiles
Answer profiles(const Lane& lane);

/// The aliases of the profile that is named ("#name" means no provider), or that is the
/// default when nothing is, as a provider's list of models. Empty: there is no profile of that
/// name. Nothing: a provider is meant.
std::optional<std::string> models_of_profile(const Lane& lane, std::string_view name,
                                             Dialect client);

}  // namespace vdm::proxy
