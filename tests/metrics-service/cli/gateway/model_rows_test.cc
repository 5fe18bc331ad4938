#include "metrics-service/cli/gateway/model_rows.h"

#include <gtest/gtest.h>

namespace vdm::cli {
namespace {

TEST(ModelRows, ReadsTheListOfEitherDialect) {
  const auto rows = model_rows(R"({"data":[
      {"id":"a","object":"model","created":86400,"owned_by":"o"},
      {"id":"b","type":"model","created_at":"2025-02-19T00:00:00Z"}]})");

  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ(rows->at(0).owner, "o");
  EXPECT_EQ(rows->at(0).created, "1970-01-02");
  EXPECT_EQ(rows->at(1).id, "b");
  EXPECT_EQ(rows->at(1).created, "2025-02-19");
}

TEST(ModelRows, RefusesWhatIsNoList) {
  for (const char* body : {"", "[]", "{}", R"({"data":1})", "<html>"}) {
    EXPECT_FALSE(model_rows(body)) << body;
  }
}

TEST(ModelRows, PutsTheListOnOneLineThatATerminalShowsAndDoesNotObey) {
  EXPECT_EQ(model_json("{\"id\" :\n \"a\xe2\x80\xae\"}"), R"({"id":"a\u202e"})");
}

TEST(ModelRows, PrefersASmallModelThatChats) {
  EXPECT_EQ(small_model({{"text-embedding-3-small"}, {"gpt-large"}, {"gpt-mini"}}), "gpt-mini");
  EXPECT_EQ(small_model({{"whisper-1"}, {"large"}}), "large");
  EXPECT_EQ(small_model({{"whisper-1"}}), "");
}

}  // namespace
}  // namespace vdm::cli
