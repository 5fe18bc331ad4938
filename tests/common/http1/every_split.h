#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace vdm::http1 {

using Reading = std::string (*)(const std::vector<std::string_view>&);

/// Expects the same outcome for the whole, for one byte at a time and for every
/// cut in two, and returns it.
inline std::string same_for_every_split(Reading read, std::string_view stream) {
  const std::string whole = read({stream});
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < stream.size(); ++i) bytes.push_back(stream.substr(i, 1));
  EXPECT_EQ(read(bytes), whole) << "one byte at a time";
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    EXPECT_EQ(read({stream.substr(0, cut), stream.substr(cut)}), whole) << "cut at " << cut;
  }
  return whole;
}

}  // namespace vdm::http1
