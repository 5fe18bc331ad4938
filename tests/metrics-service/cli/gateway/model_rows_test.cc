#include "metrics-service/cli/gateway/model_rows.h"

#include <gtest/gtest.h>

namespace vdm::cli::model_rows_test {
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

TEST(ModelRows, ReadsWhatIsKnownOfAModel) {
  const auto rows = model_rows(R"({"data":[{"id":"a","facts":{"context_tokens":200000,
      "output_tokens_max":64000,"reasoning":"budget","input":["text","image"],
      "usd_per_million":{"input":3,"output":15}}},
      {"id":"b","facts":{"reasoning":"none","context_tokens":"many"}}]})");

  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->at(0).context_tokens, 200'000u);
  EXPECT_EQ(rows->at(0).output_tokens_max, 64'000u);
  EXPECT_EQ(rows->at(0).reasoning, "budget");
  EXPECT_EQ(rows->at(0).input, "text, image");
  EXPECT_EQ(rows->at(0).output_price, 15);
  EXPECT_EQ(rows->at(1).context_tokens, 0u);
  EXPECT_EQ(rows->at(1).reasoning, "");
  EXPECT_EQ(rows->at(1).input_price, std::nullopt);
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
  EXPECT_EQ(
      small_model({{.id = "text-embedding-3-small"}, {.id = "gpt-large"}, {.id = "gpt-mini"}}),
      "gpt-mini");
  EXPECT_EQ(small_model({{.id = "whisper-1"}, {.id = "large"}}), "large");
  EXPECT_EQ(small_model({{.id = "whisper-1"}}), "");
}

}  // namespace
}  // namespace vdm::cli::model_rows_test
