#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// Model name -> Target. Pure: it holds the providers by reference and nothing
/// that changes. Thread: any.
class Resolver {
 public:
  /// `default_provider` is empty when none is configured. It is known: loading
  /// the configuration has seen to that.
  Resolver(const std::vector<Provider>& providers, std::string_view default_provider);

  /// A name without a provider goes to the default provider; with none configured,
  /// to the only one there is; else to `anthropic` or `openai`, whichever has the client's
  /// dialect; else to the only one that has it; else to the other of the two.
  /// UnknownModel otherwise, with the known providers named.
  Result<Target> resolve(std::string_view model, Dialect client) const;

 private:
  std::optional<std::size_t> provider_for(Dialect client) const;
  std::optional<std::size_t> only_provider_of(Dialect dialect) const;

  const std::vector<Provider>& providers_;
  std::optional<std::size_t> default_;
};

}  // namespace vdm::proxy
