#include "common/http1/reason_phrase.h"

#include <gtest/gtest.h>

namespace vdm::http1::reason_phrase_test {
namespace {

TEST(ReasonPhrase, IsThatOfTheStandard) {
  EXPECT_EQ(reason_phrase(100), "Continue");
  EXPECT_EQ(reason_phrase(411), "Length Required");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(505), "HTTP Version Not Supported");
}

TEST(ReasonPhrase, IsUnknownForWhatIsNoCommonStatus) {
  for (const int status : {-1, 0, 99, 299, 529, 599, 600, 1'000'000}) {
    EXPECT_EQ(reason_phrase(status), "Unknown") << status;
  }
}

}  // namespace
}  // namespace vdm::http1::reason_phrase_test
