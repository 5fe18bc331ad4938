#include "proxy-service/convert/content/base64.h"

#include <gtest/gtest.h>

namespace vdm::proxy::base64_test {
namespace {

TEST(Base64, IsWrittenInCharactersLegalInAnIdentifier) {
  EXPECT_EQ(base64url_encoded("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(base64url_encoded("a"), "YQ");
  EXPECT_EQ(base64url_encoded(""), "");
}

TEST(Base64, IsReadInEitherAlphabetPaddedOrNot) {
  EXPECT_EQ(base64_decoded("-__-"), "\xfb\xff\xfe");
  EXPECT_EQ(base64_decoded("+//+"), "\xfb\xff\xfe");
  EXPECT_EQ(base64_decoded("YQ=="), "a");
  EXPECT_EQ(base64_decoded("YQ"), "a");
}

TEST(Base64, IsNotReadWhereItIsNone) {
  EXPECT_FALSE(base64_decoded("a"));
  EXPECT_FALSE(base64_decoded("ab c"));
  EXPECT_FALSE(base64_decoded("Y==="));
}

TEST(Base64, GivesBackEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));

  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    EXPECT_EQ(base64_decoded(base64url_encoded(bytes.substr(0, size))), bytes.substr(0, size));
  }
}

}  // namespace
}  // namespace vdm::proxy::base64_test
