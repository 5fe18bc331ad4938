#include "common/settings/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::settings::value_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

std::string refusal(const Rule& rule, const std::string& text) {
  const auto value = parse(rule, "K", text);
  return value ? "taken" : value.error().message;
}

TEST(Duration, IsReadInSecondsFractionsAndUnits) {
  const auto read = [](const char* text) {
    return std::chrono::milliseconds(parse(duration(), "K", text)->number);
  };

  EXPECT_EQ(read("0.5"), 500ms);
  EXPECT_EQ(read("90"), 90s);
  EXPECT_EQ(read("250ms"), 250ms);
  EXPECT_EQ(read("5m"), 5min);
  EXPECT_EQ(read("2h"), 2h);
}

TEST(Duration, IsRefusedWithItsRange) {
  for (const char* text : {"0", "-1", "5 m", "inf", "nan", "", "s", "8785h", "1e300", "0.0001"}) {
    EXPECT_EQ(refusal(duration(), text),
              "K: expected a duration such as 0.5, 90s or 5m within 1ms..8784h, got '" +
                  std::string(text) + "'");
  }
  EXPECT_EQ(refusal(duration(0ms), "0"), "taken");
  EXPECT_EQ(refusal(duration(0ms), "-0.0001"),
            "K: expected a duration such as 0.5, 90s or 5m within 0..8784h, got '-0.0001'");
}

TEST(Bytes, AreReadInBinaryUnits) {
  const Rule rule = bytes(64, 2 * GiB);

  EXPECT_EQ(parse(rule, "K", "64MiB")->number, 64 * MiB);
  EXPECT_EQ(parse(rule, "K", "65536")->number, 65536);
  EXPECT_EQ(parse(rule, "K", "1.5KiB")->number, 1536);
  for (const char* text : {"64MB", "63", "3GiB", "-64", "1e400"}) {
    EXPECT_EQ(refusal(rule, text),
              "K: expected a size such as 65536, 32KiB or 64MiB within 64..2GiB, got '" +
                  std::string(text) + "'");
  }
}

TEST(Count, IsAWholeNumberOfItsRange) {
  EXPECT_EQ(parse(count(0, 9), "K", "0")->number, 0);
  EXPECT_EQ(parse(count(0, 9), "K", "9")->number, 9);
  for (const char* text : {"-1", "10", "1.5", "", " 1", "0x1", "99999999999999999999"}) {
    EXPECT_EQ(refusal(count(0, 9), text), "K: expected 0..9, got '" + std::string(text) + "'");
  }
}

TEST(Range, IsSaidInTheLargestUnitThatFits) {
  EXPECT_EQ(bytes(1536, 64 * MiB).range(), "1536..64MiB");
  EXPECT_EQ(bytes(0, GiB).range(), "0..1GiB");
  EXPECT_EQ(duration(90s).range(), "90s..8784h");
  EXPECT_EQ(port().range(), "1..65535");
  EXPECT_EQ(truth().range(), "");
}

TEST(List, IsSplitAtCommasWithoutBlanks) {
  EXPECT_THAT(parse(host_names(), "K", " a, b.example.com,,[::1]:1 ,")->list,
              ElementsAre("a", "b.example.com", "[::1]:1"));
  EXPECT_THAT(parse(host_names(), "K", "")->list, IsEmpty());
  EXPECT_EQ(refusal(host_names(), "a, b c"),
            "K: expected host names separated by commas, got 'b c'");
  EXPECT_EQ(refusal(host_names(), "*"), "K: expected host names separated by commas, got '*'");
}

TEST(Origins, AreWrittenAsBrowsersWriteThem) {
  EXPECT_THAT(
      parse(origins(), "K", "https://a.example, http://[::1]:80,chrome-extension://abc")->list,
      ElementsAre("https://a.example", "http://[::1]:80", "chrome-extension://abc"));
  for (const char* text : {"*", "null", "a.example", "https://", "https://a.example/",
                           "https://*.example", "https://a.example/x", "://a", "https://u@a"}) {
    EXPECT_EQ(refusal(origins(), text),
              "K: expected origins such as https://app.example.com, without a path, got '" +
                  std::string(text) + "'");
  }
}

TEST(Secret, IsNeverRepeated) {
  EXPECT_EQ(parse(secret(), "K", "sk-1")->text, "sk-1");
  EXPECT_EQ(refusal(secret(), "can ary").find("ary"), std::string::npos);
  const Rule long_enough =
      secret("8 or more characters", [](auto text) { return text.size() > 7; });
  EXPECT_EQ(refusal(long_enough, "long-canary"), "taken");
  EXPECT_EQ(refusal(long_enough, "canary"), "K: expected 8 or more characters");
}

TEST(Text, IsWhatItsRuleAccepts) {
  EXPECT_EQ(refusal(text(), "any thing"), "taken");
  EXPECT_EQ(refusal(url(), "https://a.example"), "taken");
  EXPECT_EQ(refusal(url(), "javascript:x"),
            "K: expected a URL such as https://host, got 'javascript:x'");
  EXPECT_EQ(refusal(log_level(), "CRITICAL"), "taken");
  EXPECT_EQ(refusal(log_level(), "loud"), "K: expected DEBUG, INFO, WARNING or ERROR, got 'loud'");
  EXPECT_EQ(refusal(open_bind(), std::string(OpenBindWords)), "taken");
  EXPECT_EQ(refusal(open_bind(), "true"), "K: expected yes-anyone-may-call, got 'true'");
}

}  // namespace
}  // namespace vdm::settings::value_test
