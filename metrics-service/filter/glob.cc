#include "metrics-service/filter/glob.h"

namespace vdm::metrics {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view text) {
  if (pattern.empty() || text.empty()) return false;
  constexpr auto None = std::string_view::npos;
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = None;  // the last star seen, and how far in `text` it has matched
  std::size_t run = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      run = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || lower(pattern[p]) == lower(text[t]))) {
      ++p;
      ++t;
    } else if (star != None) {
      p = star + 1;
      t = ++run;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace vdm::metrics
