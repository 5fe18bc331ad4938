#include "proxy-service/convert/content/image_size.h"

#include <string>

#include <gtest/gtest.h>

#include "proxy-service/convert/content/base64.h"

namespace vdm::proxy::image_size_test {
namespace {

using namespace std::string_literals;

std::optional<ImageSize> size_of(const std::string& bytes) {
  return image_size(base64url_encoded(bytes));
}

const ImageSize Wanted{300, 200};

TEST(ImageSize, IsReadFromAPng) {
  EXPECT_EQ(size_of("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x2c\0\0\0\xc8"s), Wanted);
}

TEST(ImageSize, IsReadFromAJpegBehindItsNotes) {
  EXPECT_EQ(size_of("\xff\xd8\xff\xe1\0\x06note\xff\xff\xc0\0\x11\x08\0\xc8\x01\x2c\x03\x01"s),
            Wanted);
}

TEST(ImageSize, IsReadFromAGif) { EXPECT_EQ(size_of("GIF89a\x2c\x01\xc8\0\0\0"s), Wanted); }

TEST(ImageSize, IsReadFromEachKindOfWebp) {
  const std::string riff = "RIFF\0\0\0\0WEBP"s;

  EXPECT_EQ(size_of(riff + "VP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x2c\x01\xc8\0"s), Wanted);
  EXPECT_EQ(size_of(riff + "VP8L\0\0\0\0\x2f\x2b\xc1\x31\0\0\0\0\0\0"s), Wanted);
  EXPECT_EQ(size_of(riff + "VP8X\0\0\0\0\0\0\0\0\x2b\x01\0\xc7\0\0"s), Wanted);
}

TEST(ImageSize, IsNotReadWhereItIsNotSaid) {
  EXPECT_FALSE(image_size(""));
  EXPECT_FALSE(image_size("not base64"));
  EXPECT_FALSE(size_of("\x89PNG\r\n\x1a\n"s));
  EXPECT_FALSE(size_of("\xff\xd8\xff\xe1\xff\xff"s));
  EXPECT_FALSE(size_of("RIFF\0\0\0\0WEBP"s));
  EXPECT_FALSE(size_of("BM"s));
}

}  // namespace
}  // namespace vdm::proxy::image_size_test
