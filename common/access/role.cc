#include "common/access/role.h"

#include <algorithm>

namespace vdm {
namespace {

constexpr std::array<std::string_view, AllRoles.size()> Words{"client", "viewer", "operator",
                                                              "admin", "ingest"};

}  // namespace

std::optional<Role> parse_role(std::string_view word) {
  const auto found = std::ranges::find(Words, word);
  if (found == Words.end()) return std::nullopt;
  return AllRoles[static_cast<std::size_t>(found - Words.begin())];
}

std::string_view word_of(Role role) { return Words[static_cast<std::size_t>(role)]; }

}  // namespace vdm
