#pragma once

#include <string>
#include <string_view>

#include "proxy-service/routing/model_route.h"
#include "proxy-service/upstream/credentials.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// Which models a provider lists. The catalog implements it, which completions do not know.
/// Thread: its IoThread.
class ListedModels {
 public:
  virtual ~ListedModels() = default;
  /// Asks the provider unless its list is kept and fresh. False too when it cannot be asked.
  virtual Task<bool> lists(ClientConnection& client, std::size_t provider, std::string_view model,
                           const Caller& caller) = 0;
};

/// For a name that the resolver refused since it states an absent provider ("mistral:7b"): the
/// route of the model of that whole name, if the provider that serves bare names lists exactly
/// that; else the refusal.
Task<Result<ModelRoute>> resolve_listed(ClientConnection& client, std::string_view model,
                                        const Caller& caller, Error refusal);

}  // namespace vdm::proxy
