#include "proxy-service/routing/provider_doors.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy-service/providers/facts_table.h"

namespace vdm::proxy::provider_doors_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const HostPort Here{"127.0.0.1", 8082};

/// One that speaks Chat first; its other door reads the key as its own document says.
const KnownProvider Both{
    .name = "acme",
    .doors = {{DoorDialect::Chat, "https://acme.example/v1"},
              {DoorDialect::Messages, "https://acme.example/anthropic", "authorization"},
              {DoorDialect::Responses, "https://acme.example/responses"}}};

FoundSetting setting(std::string name, std::string value) {
  return {"ACME_" + std::move(name), std::move(value)};
}
FoundSetting base(std::string url) { return setting("BASE_URL", std::move(url)); }
FoundSetting format(std::string word) { return setting("API_FORMAT", std::move(word)); }
FoundSetting messages(std::string url) { return setting("MESSAGES_BASE_URL", std::move(url)); }
FoundSetting chat(std::string url) { return setting("CHAT_BASE_URL", std::move(url)); }

ProviderDoors doors_of(const DoorSettings& settings, const KnownProvider* known = nullptr) {
  return provider_doors(settings, {.provider = "acme", .known = known, .own = Here});
}

/// "openai https://…" for each door in its order; "x-api-key" and the like where it is stated.
std::vector<std::string> shown(const ProviderDoors& found) {
  std::vector<std::string> lines;
  for (const Door& door : found.doors) {
    std::string line = door.dialect == Dialect::Anthropic ? "anthropic " : "openai ";
    line.append(url_text(door.base_url));
    if (door.key_header == KeyHeader::Bearer) line.append(" bearer");
    lines.push_back(std::move(line));
  }
  return lines;
}

TEST(ProviderDoors, AreThoseOfAKnownProviderWhereNothingIsSet) {
  const auto found = doors_of({}, &Both);

  EXPECT_THAT(shown(found), ElementsAre("openai https://acme.example/v1",
                                        "anthropic https://acme.example/anthropic bearer"));
  EXPECT_EQ(found.responses_url, std::nullopt);
  EXPECT_THAT(found.notices, IsEmpty());
}

TEST(ProviderDoors, AreNoneWhereNothingIsKnownOrSet) {
  EXPECT_THAT(shown(doors_of({})), IsEmpty());
  EXPECT_THAT(doors_of({}).faults, IsEmpty());
  EXPECT_THAT(shown(doors_of({.api_format = format("anthropic")})), IsEmpty());
}

TEST(ProviderDoors, AreTheOneThatTheBaseUrlAlwaysMeant) {
  EXPECT_THAT(shown(doors_of({.base_url = base("https://a.example/v1")})),
              ElementsAre("openai https://a.example/v1"));
  EXPECT_THAT(shown(doors_of({.base_url = base("https://a.example/v1")}, &Both)),
              ElementsAre("openai https://a.example/v1"));
  EXPECT_THAT(
      shown(doors_of({.base_url = base("https://a.example/v1"), .api_format = format("Anthropic")},
                     &Both)),
      ElementsAre("anthropic https://a.example bearer"));
}

TEST(ProviderDoors, AreTheKnownOneOfAFormatThatIsSetAlone) {
  EXPECT_THAT(shown(doors_of({.api_format = format("anthropic")}, &Both)),
              ElementsAre("anthropic https://acme.example/anthropic bearer"));
  EXPECT_THAT(shown(doors_of({.api_format = format("openai")}, &Both)),
              ElementsAre("openai https://acme.example/v1"));
  const KnownProvider one{.name = "acme", .doors = {{DoorDialect::Chat, "https://acme.example"}}};
  EXPECT_THAT(shown(doors_of({.api_format = format("anthropic")}, &one)),
              ElementsAre("anthropic https://acme.example"));
}

TEST(ProviderDoors, TakeAnAddressOfTheirOwnBesideTheOthers) {
  EXPECT_THAT(shown(doors_of({.messages_url = messages("https://m.example")}, &Both)),
              ElementsAre("openai https://acme.example/v1", "anthropic https://m.example bearer"));
  EXPECT_THAT(shown(doors_of({.base_url = base("https://a.example/v1"),
                              .messages_url = messages("https://m.example/v1/")})),
              ElementsAre("openai https://a.example/v1", "anthropic https://m.example"));
  EXPECT_THAT(shown(doors_of({.base_url = base("https://a.example"),
                              .api_format = format("anthropic"),
                              .chat_url = chat("https://c.example/v1")})),
              ElementsAre("anthropic https://a.example", "openai https://c.example/v1"));
}

TEST(ProviderDoors, NeedNoBaseUrlWhereTheyHaveAddressesOfTheirOwn) {
  const DoorSettings both{.messages_url = messages("https://m.example"),
                          .chat_url = chat("https://c.example/v1")};
  EXPECT_THAT(shown(doors_of({.messages_url = messages("https://m.example")})),
              ElementsAre("anthropic https://m.example"));
  EXPECT_THAT(shown(doors_of(both)),
              ElementsAre("openai https://c.example/v1", "anthropic https://m.example"));
  DoorSettings messages_first = both;
  messages_first.api_format = format("anthropic");
  EXPECT_THAT(shown(doors_of(messages_first)),
              ElementsAre("anthropic https://m.example", "openai https://c.example/v1"));
}

TEST(ProviderDoors, HaveNotTwoAddressesForOneDoor) {
  const auto same = doors_of({.base_url = base("https://a.example"),
                              .api_format = format("anthropic"),
                              .messages_url = messages("https://a.example/v1")});
  const auto two = doors_of(
      {.base_url = base("https://a.example/v1"), .chat_url = chat("https://b.example/v1")});

  EXPECT_THAT(shown(same), ElementsAre("anthropic https://a.example"));
  EXPECT_THAT(two.faults, ElementsAre("ACME_CHAT_BASE_URL: expected the address of ACME_BASE_URL, "
                                      "which is the same door, got 'https://b.example/v1'"));
}

TEST(ProviderDoors, NameTheSettingAndTheValueOfAFault) {
  EXPECT_THAT(doors_of({.messages_url = messages("m.example")}).faults,
              ElementsAre("ACME_MESSAGES_BASE_URL: expected a URL such as "
                          "https://api.example.com/v1, got 'm.example'"));
  EXPECT_THAT(doors_of({.chat_url = chat("http://c.example")}).faults,
              ElementsAre(HasSubstr("ACME_CHAT_BASE_URL: expected https")));
  EXPECT_THAT(doors_of({.api_format = format("soap")}, &Both).faults,
              ElementsAre("ACME_API_FORMAT: expected openai or anthropic, got 'soap'"));
  const auto secret = doors_of({.chat_url = chat("https://user:canary@c.example")});
  EXPECT_THAT(secret.faults, ElementsAre(HasSubstr("ACME_CHAT_BASE_URL")));
  EXPECT_EQ(secret.faults.at(0).find("canary"), std::string::npos);
}

TEST(ProviderDoors, DoNotLeadBackToTheProxy) {
  const auto shell = doors_of({.base_url = base("http://localhost:8082")}, &Both);
  EXPECT_EQ(shell.doors.size(), 2u) << "as if it were not set";
  EXPECT_THAT(shell.notices, ElementsAre(HasSubstr("ACME_BASE_URL: leads back to this proxy")));

  EXPECT_THAT(doors_of({.base_url = base("http://localhost:8082")}).faults,
              ElementsAre("ACME_BASE_URL: leads back to this proxy"));
  EXPECT_THAT(doors_of({.messages_url = messages("http://127.0.0.1:8082")}, &Both).faults,
              ElementsAre("ACME_MESSAGES_BASE_URL: leads back to this proxy"));
}

TEST(ProviderDoors, MayHaveTheProxysPortOnAnotherHost) {
  EXPECT_THAT(doors_of({.base_url = base("http://models.example:8082")}).faults,
              Each(Not(HasSubstr("leads back"))));
}

TEST(ProviderDoors, KeepTheAddressOfResponsesAndSayThatNoRequestUsesIt) {
  const auto found =
      doors_of({.responses_url = setting("RESPONSES_BASE_URL", "https://r.example/v1")}, &Both);

  ASSERT_TRUE(found.responses_url);
  EXPECT_EQ(url_text(*found.responses_url), "https://r.example/v1");
  EXPECT_EQ(found.doors.size(), 2u);
  EXPECT_THAT(found.notices,
              ElementsAre("ACME_RESPONSES_BASE_URL: is kept; no request uses it yet"));
  EXPECT_THAT(doors_of({.responses_url = setting("RESPONSES_BASE_URL", "r")}, &Both).faults,
              ElementsAre(HasSubstr("ACME_RESPONSES_BASE_URL: expected a URL")));
}

TEST(KnownDoors, CanAllBeReadAndNoProviderHasTwoOfADialect) {
  for (const auto& [name, known] : FactsTable::built_in().providers()) {
    const auto found = provider_doors({}, {.provider = name, .known = &known, .own = Here});
    EXPECT_THAT(found.faults, IsEmpty()) << name;
    EXPECT_LE(found.doors.size(), Dialects) << name;
    const auto same = [](const Door& a, const Door& b) { return a.dialect == b.dialect; };
    EXPECT_EQ(std::ranges::adjacent_find(found.doors, same), found.doors.end()) << name;
  }
}

TEST(KnownDoors, OfProvidersOfBothDialectsAreBothKnown) {
  for (const char* name : {"fireworks", "minimax", "openrouter", "vercel", "zai"}) {
    const KnownProvider* known = FactsTable::built_in().find_provider(name);
    ASSERT_NE(known, nullptr) << name;
    EXPECT_EQ(provider_doors({}, {.provider = name, .known = known, .own = Here}).doors.size(), 2u)
        << name;
  }
}

/// Their doors for Messages refuse a session that Claude Code takes up again.
TEST(KnownDoors, OfProvidersThatWantThoughtsBackAreForChatAlone) {
  for (const char* name : {"deepseek", "kimi", "kimi-coding", "moonshot", "xiaomi"}) {
    const KnownProvider* known = FactsTable::built_in().find_provider(name);
    ASSERT_NE(known, nullptr) << name;
    const auto found = provider_doors({}, {.provider = name, .known = known, .own = Here});
    ASSERT_EQ(found.doors.size(), 1u) << name;
    EXPECT_EQ(found.doors[0].dialect, Dialect::OpenAi) << name;
  }
}

}  // namespace
}  // namespace vdm::proxy::provider_doors_test
