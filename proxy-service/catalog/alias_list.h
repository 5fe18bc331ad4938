#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// Answers about names from the configuration alone; no provider is called.

/// GET /v1/aliases: the aliases by provider; those that belong to no provider stand under "*".
Answer aliases(const Worker& worker);

/// GET /profiles
Answer profiles(const Worker& worker);

/// The aliases of a profile as a list of models in the client's dialect. `name` is the profile; a
/// leading "#" says that it cannot be a provider. Without a name it is the default profile. An
/// empty string: it begins with "#" and no such profile exists. Nothing: the name means a provider.
std::optional<std::string> models_of_profile(const Worker& worker, std::string_view name,
                                             Dialect client);

}  // namespace vdm::proxy
