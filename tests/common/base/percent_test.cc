#include "common/base/percent.h"

#include <gtest/gtest.h>

namespace vdm::percent_test {
namespace {

TEST(PercentDecoded, TurnsEscapesOfEitherCaseIntoTheirBytes) {
  EXPECT_EQ(percent_decoded("a%2Fb%2fc%20%C3%A9"), "a/b/c \xc3\xa9");
  EXPECT_EQ(percent_decoded("%25%32%30"), "%20");  // once, never twice
}

TEST(PercentDecoded, LeavesWhatIsNoEscapeAsItIs) {
  EXPECT_EQ(percent_decoded(""), "");
  EXPECT_EQ(percent_decoded("a+b\xe9"), "a+b\xe9");
}

TEST(PercentDecoded, RefusesMalformedEscapesAndNul) {
  for (const auto* text : {"%", "a%", "%1", "%zz", "%1g", "%g1", "%%20", "%00", "a%00b"}) {
    EXPECT_EQ(percent_decoded(text), std::nullopt) << text;
  }
}

TEST(PercentEncoded, IsDecodedToTheSame) {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);

  EXPECT_EQ(percent_decoded(percent_encoded(all)), all);
  EXPECT_EQ(percent_encoded("openai:gpt-5.4/a b&c=d"), "openai%3Agpt-5.4%2Fa%20b%26c%3Dd");
}

}  // namespace
}  // namespace vdm::percent_test
