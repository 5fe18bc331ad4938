#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-service/routing/provider.h"

namespace vdm::proxy {

/// A model name as a client writes it: "model", "provider:model", and either
/// with a leading "!" that says the name is meant literally (no alias applies).
/// Views into the text that was parsed.
struct ModelRef {
  std::optional<std::size_t> provider;  ///< index, when the name says which
  std::string_view model;
  bool literal = false;
};

/// Splits at the first colon, and only when a known provider stands before it:
/// models may have colons of their own ("org/model:free").
ModelRef parse_model_ref(std::string_view text, const std::vector<Provider>& providers);

/// The provider of that name, in any case.
std::optional<std::size_t> find_provider(const std::vector<Provider>& providers,
                                         std::string_view name);

}  // namespace vdm::proxy
