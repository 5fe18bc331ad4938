#include "common/base/suggest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace vdm {
namespace {

/// How many letters one must insert, remove or replace to turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t exchanged = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, exchanged});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& known) {
  constexpr std::size_t NearestMax = 3;
  std::string_view best;
  std::size_t nearest = NearestMax + 1;
  for (const std::string_view name : known) {
    const std::size_t distance = edit_distance(wrong.substr(0, 100), name);
    if (distance < nearest && distance < name.size() / 2 + 1) {
      best = name;
      nearest = distance;
    }
  }
  return std::string(best);
}

std::string no_such_setting(std::string_view wrong, std::string_view table,
                            const std::vector<std::string_view>& known) {
  std::vector<std::string> full;
  for (const std::string_view name : known) {
    full.push_back(std::string(table).append(table.empty() ? "" : ".").append(name));
  }
  const std::string meant = suggestion(wrong, {full.begin(), full.end()});
  return meant.empty() ? "no such setting" : "no such setting; did you mean " + meant + "?";
}

}  // namespace vdm
