#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy-service/convert/golden.h"

namespace vdm::proxy::readme_test {
namespace {

/// Cases named in the last column of the tables below a heading that begins with `heading`.
struct Table {
  int rows = 0;
  std::set<std::string> cases{};
  std::vector<std::string> rows_without_case{};
};

Table read_tables(std::string_view heading) {
  std::ifstream page(VDM_SOURCE_DIR "/proxy-service/convert/README.md");
  Table table;
  std::string line;
  bool inside = false;
  const std::regex name("`([a-z0-9_]+)`");
  while (std::getline(page, line)) {
    if (line.starts_with("## ")) inside = line.starts_with(std::string("## ").append(heading));
    const bool is_row = line.starts_with("| ") && !line.starts_with("| ---");
    if (!inside || !is_row || line.find("| golden case |") != std::string::npos) continue;
    ++table.rows;
    const auto last_cell = line.rfind("| ", line.size() - 2);
    const std::string cell = line.substr(last_cell);
    bool any = false;
    for (std::sregex_iterator found(cell.begin(), cell.end(), name), end; found != end; ++found) {
      table.cases.insert((*found)[1]);
      any = true;
    }
    if (!any) table.rows_without_case.push_back(line);
  }
  return table;
}

void expect_proven(std::string_view heading, const std::set<std::string>& existing) {
  const Table table = read_tables(heading);

  EXPECT_GT(table.rows, 10);
  EXPECT_THAT(table.rows_without_case, testing::IsEmpty());
  EXPECT_EQ(table.cases, existing);
}

std::set<std::string> cases_in(std::string_view folder) {
  std::set<std::string> names;
  for (const golden::Case& one : golden::cases(folder)) names.insert(one.name);
  return names;
}

std::set<std::string> stream_cases() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(VDM_GOLDEN_DIR "/convert/stream")) {
    names.insert(entry.path().stem().stem().string());
  }
  return names;
}

TEST(ConvertReadme, NamesAGoldenCaseForEveryRowAndARowForEveryCase) {
  expect_proven("Requests", cases_in("request"));
  expect_proven("Answers", cases_in("response"));
  expect_proven("Streams", stream_cases());
}

}  // namespace
}  // namespace vdm::proxy::readme_test
