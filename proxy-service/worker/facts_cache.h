#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-service/providers/facts_table.h"

namespace vdm::proxy {

/// The facts of the models that a thread's requests name. To find them asks the rows of every
/// maker, which would cost each request more than all else that it does. Bounds: models_max;
/// another takes the place of the one that came first. Thread: its IoThread.
class FactsCache {
 public:
  static constexpr std::size_t models_max = 64;

  /// `table` must last.
  explicit FactsCache(const FactsTable& table) : table_(table) {}

  /// As FactsTable::find; valid until the next call.
  const ModelFacts& find(std::string_view provider, std::string_view model, DoorDialect door);

 private:
  struct Entry {
    std::string provider;
    std::string model;
    DoorDialect door;
    ModelFacts facts;
  };

  const FactsTable& table_;
  std::vector<Entry> entries_;
  std::size_t oldest_ = 0;
};

}  // namespace vdm::proxy
