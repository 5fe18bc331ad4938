#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "proxy-service/catalog/model_store.h"

namespace vdm::proxy {

/// GET /top-models: the first models of all providers' lists, with the prices and limits that the
/// lists state, and suggested aliases. Pure.

struct TopModelsWanted {
  std::size_t limit = 10;
  std::string provider{};  ///< empty: all providers
  bool refresh = false;
  bool cache_info = false;
};

/// Reads limit (1..50), provider, refresh and include_cache_info from the query.
Result<TopModelsWanted> top_models_wanted(std::string_view query);

/// A provider's list of models, to choose from.
struct ProviderModels {
  std::string provider;
  SharedModels copy;
  bool stale = false;
};

/// Takes models in the order of the lists. A figure that a list lacks is null or left out.
std::string top_models(std::span<const ProviderModels> lists, const TopModelsWanted& wanted,
                       SystemTime now);

}  // namespace vdm::proxy
