#include "proxy-service/tap/error_reading.h"

#include <string>

#include <gtest/gtest.h>

#include "proxy-service/body/json_index.h"

namespace vdm::proxy::error_reading_test {
namespace {

std::string read(std::string_view json) {
  JsonIndexer indexer;
  JsonWalk walk(json, indexer.index(json));
  ErrorReading error;
  if (!read_error(walk, error) || !walk.at_end()) return "malformed";
  if (!error.present) return "none";
  return std::string(error.type).append("|").append(error.message);
}

TEST(ErrorReading, IsReadFromAnObjectATextOrAList) {
  EXPECT_EQ(read(R"({"type":"t","message":"m"})"), "t|m");
  EXPECT_EQ(read(R"({"message":"m","code":429})"), "429|m");
  EXPECT_EQ(read(R"({"code":"c","type":"t"})"), "t|");
  EXPECT_EQ(read(R"({"type":"","code":"c","message":"m"})"), "c|m");
  EXPECT_EQ(read(R"("down")"), "|down");
  EXPECT_EQ(read(R"([{"message":"m"}])"), "|m");
  EXPECT_EQ(read(R"({"metadata":{"raw":"words"}})"), "|");
}

// one-api and new-api send an empty error with every good chunk.
TEST(ErrorReading, IsNoneWhenNothingIsSaid) {
  for (const std::string_view nothing :
       {"null", R"("")", "{}", "[]", "false", "0", R"({"message":""})",
        R"({"message":"","type":"","param":"","code":null})", R"({"code":0,"details":[]})",
        R"({"metadata":{"raw":null,"list":[""]}})"}) {
    EXPECT_EQ(read(nothing), "none") << nothing;
  }
}

TEST(ErrorReading, IsMalformedWithItsJson) {
  EXPECT_EQ(read(R"({"message")"), "malformed");
  EXPECT_EQ(read(R"({"message":})"), "malformed");
}

}  // namespace
}  // namespace vdm::proxy::error_reading_test
