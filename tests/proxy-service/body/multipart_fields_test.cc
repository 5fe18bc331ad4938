#include "proxy-service/body/multipart_fields.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/http1/every_split.h"

namespace vdm::proxy::multipart_fields_test {
namespace {

std::string part(std::string_view name, std::string_view content) {
  std::string text = "--b0\r\nContent-Disposition: form-data; name=\"";
  return text.append(name).append("\"\r\n\r\n").append(content).append("\r\n");
}
std::string file(std::string_view content) {
  std::string text =
      "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a; name=model\"\r\n"
      "Content-Type: audio/mpeg\r\n\r\n";
  return text.append(content).append("\r\n");
}
constexpr std::string_view End = "--b0--\r\n";

/// "model@BEGIN+SIZE", "stream", "." at the end; or the error. The bytes come piece by piece.
std::string found(const std::vector<std::string_view>& pieces) {
  MultipartFields fields("b0");
  std::string body;
  for (const std::string_view piece : pieces) {
    body.append(piece);
    if (const auto read = fields.read(body); !read) return read.error().message;
  }
  std::string text;
  if (const auto model = fields.model()) text = body.substr(model->begin, model->size);
  return text + (fields.stream() ? " stream" : "") + (fields.over() ? "." : "");
}
std::string found_in(std::string_view body) { return http1::same_for_every_split(found, body); }

TEST(MultipartFields, FindTheModelBeforeAndBehindAFileWhereverTheBodyIsCut) {
  EXPECT_EQ(found_in(part("model", "whisper-1") + file("ABC") + std::string(End)), "whisper-1.");
  EXPECT_EQ(found_in(file("ABC") + part("model", "whisper-1") + std::string(End)), "whisper-1.");
  EXPECT_EQ(found_in(part("stream", "true") + part("model", "m") + std::string(End)), "m stream.");
}

TEST(MultipartFields, TakeBytesThatOnlyLookLikeABoundaryForContent) {
  const std::string tricky = "\r\n--b\r\n--b0x\r\n--b0 x\r\n-\r\n\r\n--b1\r--b0\r\n";

  EXPECT_EQ(found_in(file(tricky) + part("model", "m") + std::string(End)), "m.");
  EXPECT_EQ(found_in(part("model", "a--b0b") + std::string(End)), "a--b0b.");
}

TEST(MultipartFields, ReadAPreambleAnEpilogueAndBlanksBehindABoundary) {
  const std::string model = "--b0 \t\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n";

  EXPECT_EQ(found_in("preamble\r\n" + model + std::string(End) + part("model", "later")), "m.");
  EXPECT_EQ(found_in("\r\n" + model + std::string(End)), "m.");
}

TEST(MultipartFields, TakeALineWithMoreBlanksThanABoundaryMayHaveForContent) {
  const auto with_blanks = [](std::size_t count) {
    return found_in("--b0\r\n\r\nfile\r\n--b0" + std::string(count, ' ') +
                    "\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--b0--\r\n");
  };

  EXPECT_EQ(with_blanks(64), "m.");
  EXPECT_EQ(with_blanks(65), ".");
}

TEST(MultipartFields, ReadAPartWithoutFieldsAndOneWithoutContent) {
  EXPECT_EQ(
      found_in("--b0\r\n\r\ntext\r\n" + part("empty", "") + part("model", "m") + std::string(End)),
      "m.");
}

TEST(MultipartFields, ReadNamesInAnyFormAndFieldsInAnyCase) {
  const auto model = [](std::string_view disposition) {
    return found_in(std::string("--b0\r\nX-A: 1\r\n") + std::string(disposition) +
                    "\r\n\r\nm\r\n--b0--\r\n");
  };

  EXPECT_EQ(model("CONTENT-DISPOSITION:form-data;NAME=model"), "m.");
  EXPECT_EQ(model("content-disposition: form-data; filename=\"x\\\"; y\"; name=\"model\""), "m.");
  EXPECT_EQ(model("content-disposition: form-data; name=\"Model\""), ".");
  EXPECT_EQ(model("content-disposition: form-data; filename=\"; name=model\""), ".");
  EXPECT_EQ(model("content-type: text/plain; name=model"), ".");
}

TEST(MultipartFields, RefuseASecondModelAndOneThatIsNoName) {
  const std::string bad = "model: expected 1 to 512 bytes without control characters";

  EXPECT_EQ(found_in(part("model", "a") + part("model", "b") + std::string(End)),
            "model: expected once, found twice");
  EXPECT_EQ(found_in(part("model", "") + std::string(End)), bad);
  EXPECT_EQ(found_in(part("model", "a\nb") + std::string(End)), bad);
  EXPECT_EQ(found_in(part("model", "a b") + std::string(End)), "a b.");
  EXPECT_EQ(found_in(part("model", std::string(512, 'm')) + std::string(End)),
            std::string(512, 'm') + ".");
  EXPECT_EQ(found_in(part("model", std::string(513, 'm')) + std::string(End)), bad);
}

TEST(MultipartFields, RefuseAModelThatNeverEndsBeforeAllOfItHasCome) {
  MultipartFields fields("b0");
  const std::string begin = "--b0\r\nContent-Disposition: form-data; name=model\r\n\r\n";

  EXPECT_FALSE(fields.read(begin + std::string(600, 'm')));
}

TEST(MultipartFields, BoundAPartsHeadAndTheNumberOfParts) {
  MultipartFields head("b0");
  MultipartFields many("b0");
  std::string parts;
  for (std::size_t i = 0; i <= MultipartFields::PartsMax; ++i) parts += part("x", "");

  const auto long_head =
      head.read("--b0\r\nX: " + std::string(MultipartFields::PartHeadBytesMax + 1, 'x'));
  const auto many_parts = many.read(parts);

  ASSERT_FALSE(long_head);
  EXPECT_EQ(long_head.error().message, "body: expected a part's head of at most 8192 bytes");
  ASSERT_FALSE(many_parts);
  EXPECT_EQ(many_parts.error().message, "body: expected at most 1000 parts");
}

TEST(MultipartFields, HaveNoModelWhileItsEndHasNotCome) {
  EXPECT_EQ(found_in("--b0\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--b"), "");
  EXPECT_EQ(found_in(""), "");
}

TEST(MultipartFields, TakeTheBoundaryFromTheContentType) {
  const auto boundary = [](std::string_view type) {
    const auto found = MultipartFields::boundary_of(type);
    return found ? *found : found.error().message;
  };
  const std::string none = "Content-Type: expected a boundary of 1 to 70 characters";

  EXPECT_EQ(boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(boundary("multipart/form-data; charset=x; BOUNDARY=\"a b;c\""), "a b;c");
  EXPECT_EQ(boundary("multipart/form-data"), none);
  EXPECT_EQ(boundary("multipart/form-data; boundary="), none);
  EXPECT_EQ(boundary("multipart/form-data; boundary=" + std::string(71, 'b')), none);
  EXPECT_EQ(boundary("multipart/form-data; boundary=\"a\\\"b\""), none);
}

}  // namespace
}  // namespace vdm::proxy::multipart_fields_test
