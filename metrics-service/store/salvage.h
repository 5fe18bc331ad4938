#pragma once

#include <cstdint>
#include <string>

#include "metrics-service/store/sqlite.h"

namespace vdm::metrics {

struct SavedCount {
  std::uint64_t count = 0;
};

/// Writes every row and watermark that can be read of a damaged file of history into a new one at
/// `to`, which must not exist; it is safe on disk when this returns. Steps over pages that cannot
/// be read and rows that do not match their hash. Returns how many rows it saved; an error is one
/// of the new file. Blocks for as long as reading the file takes.
sqlite::Result<SavedCount> salvage(const std::string& from, const std::string& to);

}  // namespace vdm::metrics
