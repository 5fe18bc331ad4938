#include "proxy-service/worker/facts_cache.h"

#include <algorithm>

namespace vdm::proxy {

const ModelFacts& FactsCache::find(std::string_view provider, std::string_view model,
                                   DoorDialect door) {
  const auto known = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.model == model && entry.door == door && entry.provider == provider;
  });
  if (known != entries_.end()) return known->facts;
  Entry found{std::string(provider), std::string(model), door,
              table_.find(provider, model, door).facts};
  if (entries_.size() < models_max) return entries_.emplace_back(std::move(found)).facts;
  Entry& replaced = entries_[oldest_];
  oldest_ = (oldest_ + 1) % models_max;
  return (replaced = std::move(found)).facts;
}

}  // namespace vdm::proxy
