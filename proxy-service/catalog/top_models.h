#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "proxy-service/catalog/model_store.h"

namespace vdm::proxy {

/// GET /top-models: the first of every provider's list, with what the list says of prices
/// and limits, and the names that would make good aliases. Pure.

struct TopModelsWanted {
  std::size_t limit = 10;
  std::string provider{};  ///< empty: every one
  bool refresh = false;
  bool cache_info = false;
};

/// limit 1..50, provider, refresh, include_cache_info.
Result<TopModelsWanted> top_models_wanted(std::string_view query);

/// A provider's list of models, for the choice among them.
struct ProviderModels {
  std::string provider;
  SharedModels copy;
  bool stale = false;
};

/// In the order of the lists. What a list does not say is null or left out, never made up.
std::string top_models(std::span<const ProviderModels> lists, const TopModelsWanted& wanted,
                       SystemTime now);

}  // namespace vdm::proxy
