#include "proxy-service/body/json_members.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/common/http1/every_split.h"

namespace vdm::proxy::json_members_test {
namespace {

constexpr std::array<std::string_view, 2> Names{"model", "usage"};

/// "model=VALUE@BEGIN+SIZE*TIMES usage=…", and "!" when a value was too long.
std::string found(const std::vector<std::string_view>& pieces) {
  JsonMembers members(Names, 32);
  for (const std::string_view piece : pieces) members.push(piece);
  std::string text;
  for (std::size_t i = 0; i < Names.size(); ++i) {
    const JsonMembers::Member& member = members.member(i);
    if (member.times == 0) continue;
    text.append(text.empty() ? "" : " ").append(Names[i]).append("=").append(member.value);
    text.append(member.too_long ? "!" : "").append("@").append(std::to_string(member.range.begin));
    text.append("+").append(std::to_string(member.range.size));
    text.append("*").append(std::to_string(member.times));
  }
  return text + (members.over() ? "." : "");
}

std::string found_in(std::string_view text) { return http1::same_for_every_split(found, text); }

TEST(JsonMembers, FindsValuesOfEveryKindWhereverTheTextIsCut) {
  EXPECT_EQ(found_in(R"({"model":"m-1"})"), R"(model="m-1"@9+5*1.)");
  EXPECT_EQ(found_in(R"( { "input" : [1,2] , "model" : "m" } )"), R"(model="m"@31+3*1.)");
  EXPECT_EQ(found_in(R"({"usage":{"a":[1,{"b":"}"}]},"model":null})"),
            R"(model=null@37+4*1 usage={"a":[1,{"b":"}"}]}@9+19*1.)");
  EXPECT_EQ(found_in(R"({"usage":12})"), "usage=12@9+2*1.");
  EXPECT_EQ(found_in(R"({"usage": 12 , "x":true})"), "usage=12@10+2*1.");
}

TEST(JsonMembers, LooksAtTheOutermostObjectAlone) {
  EXPECT_EQ(found_in(R"({"a":{"model":"inner"},"b":[{"model":"inner"}]})"), ".");
  EXPECT_EQ(found_in(R"({"a":"{\"model\":\"text\"}"})"), ".");
  EXPECT_EQ(found_in(R"([{"model":"m"}])"), ".");
}

TEST(JsonMembers, ReadsNamesAndValuesWithEscapes) {
  EXPECT_EQ(found_in(R"({"m\u006fdel":"a\"b\\"})"), R"(model="a\"b\\"@14+8*1.)");
  EXPECT_EQ(found_in(R"({"model\"":"other"})"), ".");
}

TEST(JsonMembers, CountsHowOftenAMemberStandsThereAndKeepsTheLast) {
  EXPECT_EQ(found_in(R"({"model":"a","model":"bc"})"), R"(model="bc"@21+4*2.)");
}

TEST(JsonMembers, KeepsNoMoreOfAValueThanItsBound) {
  const std::string text = R"({"model":")" + std::string(40, 'x') + R"("})";

  EXPECT_EQ(found_in(text), "model=\"" + std::string(31, 'x') + "!@9+42*1.");
}

TEST(JsonMembers, HasNothingOfAMemberThatIsNotComplete) {
  EXPECT_EQ(found_in(R"({"model":"m)"), "");
  EXPECT_EQ(found_in(R"({"model":12)"), "");
  EXPECT_EQ(found_in(R"({"model":"m")"), R"(model="m"@9+3*1)");
}

TEST(JsonMembers, EndsWithWhatIsNoObject) {
  EXPECT_EQ(found_in("hello"), ".");
  EXPECT_EQ(found_in(R"({model:"m"})"), ".");
  EXPECT_EQ(found_in(""), "");
}

TEST(JsonMembers, ForgetsATextForTheNextOne) {
  JsonMembers members(Names, 32);
  members.push(R"({"model":"half)");

  members.clear();
  members.push(R"({"usage":1})");

  EXPECT_EQ(members.member(0).times, 0u);
  EXPECT_EQ(members.member(1).value, "1");
}

TEST(JsonMembers, TakesDeepNestingWithoutGrowing) {
  JsonMembers members(Names, 32);
  for (int i = 0; i < 100'000; ++i) members.push(R"({"a":[)");

  EXPECT_FALSE(members.over());
  EXPECT_EQ(members.member(0).times, 0u);
}

}  // namespace
}  // namespace vdm::proxy::json_members_test
