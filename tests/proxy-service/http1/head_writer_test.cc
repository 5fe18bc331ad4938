#include "proxy-service/http1/head_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "common/http1/request_head.h"

namespace vdm::http1::head_writer_test {
namespace {

TEST(HeadWriter, WritesAResponseHead) {
  std::string out = "before";
  HeadWriter writer(out);

  writer.status_line(429).field("content-type", "application/json").field("content-length", 42);
  writer.end();

  EXPECT_EQ(writer.written(),
            "HTTP/1.1 429 Too Many Requests\r\n"
            "content-type: application/json\r\n"
            "content-length: 42\r\n\r\n");
  EXPECT_TRUE(writer.ok());
}

TEST(HeadWriter, LeavesOutAFieldThatWouldEndItsLine) {
  std::string out;
  HeadWriter writer(out);

  writer.field("x-model", "gpt\r\nSet-Cookie: a=b")
      .field("x-model", "gpt\nx")
      .field("x-model", std::string_view("a\0b", 3))
      .named_field("x model", "gpt")
      .named_field("x:model", "gpt")
      .named_field("", "gpt")
      .field("x-ok", "a\tb \xc3\xa9");

  EXPECT_EQ(out, "x-ok: a\tb \xc3\xa9\r\n");
  EXPECT_EQ(writer.refused(), 6u);
}

TEST(HeadWriter, StripsControlCharactersOnRequest) {
  std::string out;
  HeadWriter writer(out);

  writer.stripped_field("x-model", " gpt\r\nSet-Cookie: a=b", 12);

  EXPECT_EQ(out, "x-model: gptSet-Cooki\r\n");
}

TEST(HeadWriter, WritesNoRequestLineItCannotTrust) {
  for (const std::string_view target : {"/a b", "/a\r\nX: y", "", "/\x7f", "/\xc3\xa9"}) {
    std::string out;
    HeadWriter writer(out);

    writer.request_line("POST", target);

    EXPECT_FALSE(writer.ok());
    EXPECT_EQ(out, "");
  }
  std::string out;
  EXPECT_FALSE(HeadWriter(out).request_line("PO ST", "/").ok());
}

TEST(HeadWriter, WritesARequestLine) {
  std::string out;

  EXPECT_TRUE(HeadWriter(out).request_line("POST", "/v1/messages?beta=true").ok());

  EXPECT_EQ(out, "POST /v1/messages?beta=true HTTP/1.1\r\n");
}

TEST(HeadWriter, NeverWritesAStatusOutOfRange) {
  for (const int status : {0, 99, 600, -1, 12345}) {
    std::string out;
    HeadWriter writer(out);

    writer.status_line(status);

    EXPECT_EQ(out, "HTTP/1.1 500 Internal Server Error\r\n");
    EXPECT_FALSE(writer.ok());
  }
}

TEST(HeadWriter, PassesOnWhatIsEndToEndAndWanted) {
  RequestHead head;
  ASSERT_EQ(head.read("GET / HTTP/1.1\r\nHost: a\r\nConnection: x-hop\r\nX-Hop: 1\r\n"
                      "TE: trailers\r\nAccept: */*\r\nX-Api-Key: k\r\n\r\n"),
            Progress::Complete);
  std::string out;

  HeadWriter(out).fields(head.fields(), [](const Field& field) {
    return field.known != FieldName::XApiKey && field.known != FieldName::Host;
  });

  EXPECT_EQ(out, "Accept: */*\r\n");
}

TEST(ChunkLine, IsTheSizeInHexadecimal) {
  EXPECT_EQ(ChunkLine(0).text(), "0\r\n");
  EXPECT_EQ(ChunkLine(0x1a2b).text(), "1a2b\r\n");
  EXPECT_EQ(ChunkLine(~0ull).text(), "ffffffffffffffff\r\n");
}

TEST(FieldName, RecognisesEveryNameInEveryCase) {
  for (std::size_t i = 1; i < FieldNameCount; ++i) {
    const auto name = static_cast<FieldName>(i);
    std::string upper(text_of(name));
    for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);

    EXPECT_EQ(recognise(text_of(name)), name) << upper;
    EXPECT_EQ(recognise(upper), name) << upper;
    EXPECT_EQ(recognise(upper + "x"), FieldName::Other);
    EXPECT_EQ(recognise(upper.substr(1)), FieldName::Other) << upper;
  }
  EXPECT_EQ(recognise(""), FieldName::Other);
}

}  // namespace
}  // namespace vdm::http1::head_writer_test
