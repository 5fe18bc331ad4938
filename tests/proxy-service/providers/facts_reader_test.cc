#include "proxy-service/providers/facts_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::proxy::facts_reader_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> faults_of(std::string_view text) {
  FactsDocuments documents;
  std::vector<std::string> faults;
  read_facts(text, "f.json", documents, faults);
  return faults;
}

std::vector<std::string> row_faults(const std::string& row) {
  return faults_of(R"({"provider": "p", "models": {"m": )" + row + "}}");
}

TEST(FactsReader, CutsAFaultThatQuotesALongName) {
  FactsDocuments out;
  std::vector<std::string> faults;

  read_facts(R"({"provider":"x",")" + std::string(10'000, ';') + R"(":1})", "f.json", out, faults);

  ASSERT_EQ(faults.size(), 1u);
  EXPECT_LE(faults[0].size(), 512u);
  EXPECT_TRUE(faults[0].starts_with("f.json"));
}

TEST(FactsReader, NamesTheFieldAndTheValueThatItRefuses) {
  EXPECT_THAT(
      row_faults(R"({"context_tokens": -1})"),
      ElementsAre("f.json: p.models.m.context_tokens: expected a whole number of at least 1, "
                  "got -1"));
  EXPECT_THAT(
      row_faults(R"({"reasoning": "hard"})"),
      ElementsAre("f.json: p.models.m.reasoning: expected one of none, switch, effort, budget, "
                  "adaptive, got \"hard\""));
  EXPECT_THAT(row_faults(R"({"takes": {"stop": "no"}})"),
              ElementsAre("f.json: p.models.m.takes.stop: expected true or false, got \"no\""));
  EXPECT_THAT(row_faults(R"({"takes": {"everything": true}})"),
              ElementsAre("f.json: p.models.m.takes.everything: no such fact"));
  EXPECT_THAT(
      row_faults(R"({"usd_per_million": {"input": -2}})"),
      ElementsAre("f.json: p.models.m.usd_per_million.input: expected US dollars per million "
                  "tokens, got -2"));
  EXPECT_THAT(faults_of(R"({"provider": "p", "doors": {"soap": "https://x"}})"),
              ElementsAre("f.json: p.doors.soap: expected messages, chat or responses"));
  EXPECT_THAT(faults_of(R"({"provider": "p", "doors": {"chat": 7}})"),
              ElementsAre("f.json: p.doors.chat: expected a URL, got 7"));
  EXPECT_THAT(faults_of(R"({"provider": "p", "doors": {"chat": {"key_header": "api-key"}}})"),
              ElementsAre(::testing::HasSubstr("f.json: p.doors.chat: expected a URL, got")));
  EXPECT_THAT(
      faults_of(R"({"provider": "p", "doors": {"chat": {"base_url": "https://x", "key": "x"}}})"),
      ElementsAre("f.json: p.doors.chat.key: expected base_url or key_header"));
  EXPECT_THAT(
      faults_of(
          R"({"provider": "p", "doors": {"chat": {"base_url": "https://x", "key_header": "x"}}})"),
      ElementsAre("f.json: p.doors.chat.key_header: expected authorization, x-api-key or api-key, "
                  "got \"x\""));
}

TEST(FactsReader, ReadsInWhichHeaderADoorWantsTheKey) {
  FactsDocuments documents;
  std::vector<std::string> faults;
  read_facts(R"({"provider": "p", "doors": {"chat": "https://c", "messages":
                 {"base_url": "https://m", "key_header": "Authorization"}}})",
             "f.json", documents, faults);

  EXPECT_THAT(faults, IsEmpty());
  ASSERT_EQ(documents.providers.size(), 1u);
  EXPECT_THAT(documents.providers[0].doors,
              ElementsAre(KnownDoor{DoorDialect::Chat, "https://c", ""},
                          KnownDoor{DoorDialect::Messages, "https://m", "authorization"}));
}

TEST(FactsReader, RefusesWhatIsNoFactsFile) {
  for (const char* text :
       {"", "{", "[]x", "7", "[7]", "{}", R"({"provider": ""})", R"({"provider": 7})",
        R"({"dialect": "smtp"})", R"({"provider":"p","models":[]})"}) {
    EXPECT_EQ(faults_of(text).size(), 1u) << text;
  }
  EXPECT_THAT(faults_of("[]"), IsEmpty());
}

TEST(FactsReader, RefusesADepthThatNoFactsFileHas) {
  EXPECT_EQ(faults_of(std::string(100'000, '[')).size(), 1u);
}

TEST(FactsReader, LeavesARowWithAFaultOut) {
  FactsDocuments documents;
  std::vector<std::string> faults;
  read_facts(
      R"({"provider": "p", "models": {"bad": {"context_tokens": "x"}, "Good": {"context_tokens": 5}}})",
      "f", documents, faults);

  ASSERT_EQ(documents.providers.size(), 1u);
  ASSERT_EQ(documents.providers[0].models.size(), 1u);
  EXPECT_EQ(documents.providers[0].models.at("good").facts.context_tokens, 5);
}

TEST(FactsReader, TakesANullPriceForOneThatNobodyStated) {
  FactsDocuments documents;
  std::vector<std::string> faults;
  read_facts(
      R"({"provider": "p", "models": {"m": {"usd_per_million": {"input": 1, "output": null}}}})",
      "f", documents, faults);

  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(documents.providers.at(0).models.at("m").facts.prices.output, std::nullopt);
}

}  // namespace
}  // namespace vdm::proxy::facts_reader_test
