#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-service/providers/known_provider.h"

namespace vdm::proxy {

/// What the facts files say, before it is merged. Plain data.
struct FactsDocuments {
  /// What holds at any provider of a dialect, by DoorDialect.
  std::array<FactsRow, 3> dialects{};
  /// The provider that made each dialect, which serves bare names when it is configured.
  std::array<std::string, 3> homes{};
  std::vector<KnownProvider> providers{};
};

/// The largest facts file, and the deepest and widest that it may be.
inline constexpr std::size_t FactsFileBytesMax = 32 * 1024 * 1024;
inline constexpr std::size_t FactsRowsMax = 200'000;

/// Reads one facts file: a document, or a list of documents, each of a provider or of a dialect.
/// `name` is the file's, for faults. Each fault names the file, the field and what was found, and
/// leaves its row out. Pure.
void read_facts(std::string_view text, const std::string& name, FactsDocuments& out,
                std::vector<std::string>& faults);

}  // namespace vdm::proxy
