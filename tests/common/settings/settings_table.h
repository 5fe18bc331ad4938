#pragma once

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "common/settings/setting.h"

namespace vdm::settings {

/// What holds of any service's table of settings, and of the pages that show it.

inline std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

/// "1GiB, or half the memory" -> "1GiB". Empty when there is none that could be written so.
inline std::string written_default(const Setting& setting) {
  const std::string text(setting.default_text.substr(0, setting.default_text.find(',')));
  return parse(setting.rule, "", text) ? text : "";
}

inline void put_defaults(const Settings& settings) {
  for (const Setting& setting : settings) {
    const std::string text = written_default(setting);
    if (!text.empty()) setting.place.put(*parse(setting.rule, setting.variable, text));
  }
}

/// One row of a README's table.
inline std::string row_of(const Setting& setting) {
  const auto cell = [](std::string_view text) {
    return text.empty() ? std::string(" ") : " `" + std::string(text) + "` ";
  };
  const bool is_value = written_default(setting) == setting.default_text &&
                        setting.default_text.find(' ') == std::string_view::npos;
  std::string shown = cell(setting.default_text);
  if (!is_value && !setting.default_text.empty()) {
    shown = " " + std::string(setting.default_text) + " ";
  }
  const std::string range = setting.rule.range();
  return "|" + cell(setting.variable) + "|" + cell(setting.key) + "|" + shown + "| " + range +
         (range.empty() ? "" : " ") + "| " + std::string(setting.help) + " |\n";
}

inline void expect_documented(const Settings& settings, const std::string& readme) {
  std::string table =
      "| environment | file | default | range | meaning |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const Setting& setting : settings) table += row_of(setting);

  const std::string page = text_of_file(readme);
  const auto at = page.find(table);
  ASSERT_NE(at, std::string::npos) << readme << ": the table is expected to be\n" << table;
  EXPECT_NE(page[at + table.size()], '|') << readme << " has a row too many";
}

/// What has no default stands in the example as a comment: "#api-key = …".
inline void expect_in_example(const Settings& settings, const std::string& example) {
  std::istringstream lines(text_of_file(example));
  std::string table;
  std::set<std::string> named;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) table = line.substr(1, line.find(']') - 1);
    const std::string setting = line.starts_with('#') ? line.substr(1) : line;
    const auto equals = setting.find(" = ");
    if (equals != std::string::npos) named.insert(table + "." + setting.substr(0, equals));
  }

  for (const Setting& setting : settings) {
    EXPECT_TRUE(setting.key.empty() || named.contains(std::string(setting.key))) << setting.key;
  }
}

inline void expect_consistent(const Settings& settings) {
  std::set<std::string_view> names;
  for (const Setting& setting : settings) {
    for (const std::string_view name : {setting.variable, setting.key, setting.flag}) {
      EXPECT_TRUE(name.empty() || names.insert(name).second) << name << " stands twice";
    }
    EXPECT_FALSE(setting.help.empty()) << setting.variable;
    if (!setting.rule.is_number()) continue;
    EXPECT_LT(setting.rule.least, setting.rule.most) << setting.variable;
    EXPECT_LE(setting.rule.most, setting.place.most()) << setting.variable << " would be cut";
  }
}

}  // namespace vdm::settings
