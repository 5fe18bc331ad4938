#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/settings/setting.h"

namespace vdm::settings {

/// As one would write the number: of a duration, milliseconds.
inline std::string written(const Rule& rule, std::int64_t number) {
  return std::to_string(number) + (rule.kind == Kind::Duration ? "ms" : "");
}

/// What a numeric setting may be at the ends of its range, 0 among them when it may be that.
inline std::vector<std::int64_t> extremes(const Rule& rule) {
  std::vector<std::int64_t> numbers{rule.least, rule.most};
  if (rule.least < 0 && rule.most > 0) numbers.push_back(0);
  return numbers;
}

/// Tries 0, -1, the least, the most and what is beyond. `faults_of` loads a configuration with
/// that text for the setting, and gives its faults, "none" when there are none.
template <class FaultsOf>
void expect_range_held(const Setting& setting, FaultsOf faults_of) {
  const Rule& rule = setting.rule;
  for (const std::int64_t number :
       {std::int64_t{-1}, std::int64_t{0}, rule.least - 1, rule.least, rule.most, rule.most + 1}) {
    const std::string text = written(rule, number);
    const bool fits = number >= rule.least && number <= rule.most;
    const Faults faults = faults_of(text);
    if (fits) {
      EXPECT_EQ(faults, Faults{"none"}) << setting.variable << "=" << text;
      continue;
    }
    ASSERT_EQ(faults.size(), 1u) << setting.variable << "=" << text;
    EXPECT_TRUE(faults[0].starts_with(std::string(setting.variable) + ": expected ")) << faults[0];
    EXPECT_NE(faults[0].find(rule.range()), std::string::npos) << faults[0];
    EXPECT_TRUE(faults[0].ends_with(", got '" + text + "'")) << faults[0];
  }
}

}  // namespace vdm::settings
