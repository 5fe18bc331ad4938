#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// A model's name as a client writes it: "model" or "provider:model", and with a leading "!" when
/// no alias applies. The views point into the parsed text.
struct ModelRef {
  std::optional<std::size_t> provider;  ///< index of the provider that the name states
  std::string_view model;
  bool literal = false;
};

/// Splits at the first colon, but only when a configured provider stands before it: models may have
/// colons in their names ("org/model:free").
ModelRef parse_model_ref(std::string_view text, const std::vector<Provider>& providers);

/// The index of the provider of that name; case does not matter.
std::optional<std::size_t> find_provider(const std::vector<Provider>& providers,
                                         std::string_view name);

/// UnknownModel: "provider openai has no key: set OPENAI_API_KEY".
Error no_key_of(std::string_view provider);

}  // namespace vdm::proxy
