#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace vdm::fuzz {

using Reading = std::string (*)(const std::vector<std::string_view>&);

/// Checks a property of every byte parser: the outcome does not depend on where the network cut the
/// stream. Tries the whole stream, single bytes, and cuts that the input chooses.
inline void expect_same_for_splits(Reading read, std::string_view stream) {
  constexpr std::size_t SingleBytesMax = 2048;
  const std::string whole = read({stream});
  const auto compare = [&](const std::vector<std::string_view>& parts, const char* how) {
    const std::string split = read(parts);
    if (split == whole) return;
    std::fprintf(stderr, "%s:\n%s\nwhole:\n%s\n", how, split.c_str(), whole.c_str());
    std::abort();
  };
  // Long streams get longer parts, since every part moves the buffer.
  const std::size_t longest = std::max<std::size_t>(29, stream.size() / 16);
  std::vector<std::string_view> chosen;
  std::uint32_t state = 2166136261u;
  for (std::string_view rest = stream; !rest.empty();) {
    for (const char c : rest.substr(0, 8))
      state = (state ^ static_cast<unsigned char>(c)) * 16777619u;
    const std::string_view part = rest.substr(0, 1 + (state >> 8) % longest);
    chosen.push_back(part);
    rest.remove_prefix(part.size());
  }
  compare(chosen, "cut by the input");
  if (stream.size() > SingleBytesMax) return;
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < stream.size(); ++i) bytes.push_back(stream.substr(i, 1));
  compare(bytes, "one byte at a time");
}

}  // namespace vdm::fuzz
