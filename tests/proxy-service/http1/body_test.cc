#include "proxy-service/http1/body.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/common/http1/every_split.h"
#include "tests/proxy-service/http1/connection_reading.h"

namespace vdm::http1::body_test {
namespace {

struct Vector {
  const char* name;
  std::string stream;
  std::string outcome;
};

std::ostream& operator<<(std::ostream& out, const Vector& vector) { return out << vector.name; }

class ChunkedBody : public testing::TestWithParam<Vector> {};

TEST_P(ChunkedBody, HasOneOutcomeHoweverItIsSplit) {
  const std::string outcome = same_for_every_split(read_chunked, GetParam().stream);

  EXPECT_TRUE(outcome.starts_with(GetParam().outcome)) << outcome;
}

INSTANTIATE_TEST_SUITE_P(
    Legal, ChunkedBody,
    testing::Values(
        Vector{"empty", "0\r\n\r\n", "[end]"},
        Vector{"one", "5\r\nhello\r\n0\r\n\r\n", "hello[end]"},
        Vector{"two", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc[end]"},
        Vector{"payload of CRLF", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n[end]"},
        Vector{"hexadecimal in both cases", "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n",
               "01234567890123456789a[end]"},
        Vector{"leading zeros", "0000000000000005\r\nhello\r\n000\r\n\r\n", "hello[end]"},
        Vector{"extensions", "5;a=b;c=\"d\"\r\nhello\r\n0;last\r\n\r\n", "hello[end]"},
        Vector{"trailers", "1\r\na\r\n0\r\nAuthorization: Bearer other\r\nHost: evil\r\n\r\n",
               "a[end]"},
        Vector{"next message", "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1", "a[end]GET / HTTP/1.1"},
        Vector{"unfinished", "5\r\nhel", "hel[more]"},
        Vector{"end unfinished", "1\r\na\r\n0\r\n\r", "a[more]"}));

INSTANTIATE_TEST_SUITE_P(
    Refused, ChunkedBody,
    testing::Values(
        Vector{"17 digits", "00000000000000005\r\nhello\r\n", "\nrefused 400"},
        Vector{"wrapping size", "10000000000000005\r\nhello\r\n", "\nrefused 400"},
        Vector{"0x", "0x5\r\nhello\r\n", "\nrefused 400"},
        Vector{"plus", "+5\r\nhello\r\n", "\nrefused 400"},
        Vector{"minus", "-5\r\nhello\r\n", "\nrefused 400"},
        Vector{"no digits", ";a\r\nhello\r\n", "\nrefused 400"},
        Vector{"empty size line", "\r\n\r\n", "\nrefused 400"},
        Vector{"space before", " 5\r\nhello\r\n", "\nrefused 400"},
        Vector{"space behind", "5 \r\nhello\r\n", "\nrefused 400"},
        Vector{"bare LF after size", "5\nhello\r\n", "\nrefused 400"},
        Vector{"bare CR after size", "5\rhello", "\nrefused 400"},
        Vector{"bare LF in extension", "5;a\nhello\r\n", "\nrefused 400"},
        Vector{"bare CR in extension", "5;a\rb\r\nhello\r\n", "\nrefused 400"},
        Vector{"NUL in extension", std::string("5;\0\r\nhello\r\n", 12), "\nrefused 400"},
        Vector{"payload too long", "5\r\nhello!\r\n", "hello\nrefused 400"},
        Vector{"bare LF after payload", "5\r\nhello\n0\r\n\r\n", "hello\nrefused 400"},
        Vector{"CR without LF after payload", "5\r\nhello\r0\r\n\r\n", "hello\nrefused 400"},
        Vector{"bare LF as the end", "0\r\n\n", "\nrefused 400"},
        Vector{"CR CR at the end", "0\r\n\r\r\n", "\nrefused 400"},
        Vector{"folded trailer", "0\r\nA: b\r\n c\r\n\r\n", "\nrefused 400"},
        Vector{"trailer without a colon", "0\r\nabc\r\n\r\n", "\nrefused 400"},
        Vector{"trailer with space before colon", "0\r\na : b\r\n\r\n", "\nrefused 400"},
        Vector{"trailer of bare LF", "0\r\na: b\n\r\n", "\nrefused 400"},
        Vector{"NUL in a trailer", std::string("0\r\na: \0\r\n\r\n", 11), "\nrefused 400"}));

TEST(BodyDecoder, SurvivesTheSplitThatAbortsBeast) {
  EXPECT_EQ(read_chunked({"0\r\n", "\r", "\n"}), "[end]");
}

TEST(BodyDecoder, DropsTrailersBeforeAnybodySeesThem) {
  const std::string outcome =
      same_for_every_split(read_requests,
                           "POST / HTTP/1.1\r\nHost: a\r\nAuthorization: mine\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n"
                           "1\r\nx\r\n0\r\nAuthorization: theirs\r\n\r\n");

  EXPECT_EQ(outcome.find("theirs"), std::string::npos) << outcome;
  EXPECT_NE(outcome.find("Authorization=mine"), std::string::npos) << outcome;
}

TEST(BodyDecoder, HandsOutPayloadInPlace) {
  BodyDecoder body = BodyDecoder::chunked();
  const std::string stream = "5\r\nhello\r\n";
  std::string_view bytes = stream;

  const std::string_view payload = body.next(bytes);

  EXPECT_EQ(payload.data(), stream.data() + 3);
  EXPECT_EQ(payload, "hello");
}

TEST(BodyDecoder, BoundsWhatItDrops) {
  const auto status = [](const std::string& stream) {
    BodyDecoder body = BodyDecoder::chunked();
    std::string_view bytes = stream;
    while (!bytes.empty() && body.reading()) body.next(bytes);
    return body.refusal().status;
  };
  const std::string much(BodyDecoder::DroppedMax, 'a');
  std::string many_chunks;
  for (int i = 0; i < 200; ++i) many_chunks += "1;" + std::string(100, 'a') + "\r\nx\r\n";

  EXPECT_EQ(status("1;" + much + "\r\nx\r\n"), 413);
  EXPECT_EQ(status("0\r\nX: " + much + "\r\n\r\n"), 413);
  EXPECT_EQ(status(many_chunks), 413);
  EXPECT_EQ(status("1;" + much.substr(0, 8000) + "\r\nx\r\n0\r\n\r\n"), 0);
}

TEST(BodyDecoder, RefusesTooMuchBeforeItIsRead) {
  BodyDecoder chunked = BodyDecoder::chunked(10);
  std::string_view bytes = "8\r\n12345678\r\n3\r\n";
  std::string payload;
  while (!bytes.empty() && chunked.reading()) payload.append(chunked.next(bytes));

  EXPECT_EQ(payload, "12345678");
  EXPECT_EQ(chunked.refusal().status, 413);
  EXPECT_EQ(BodyDecoder::of_length(11, 10).refusal().status, 413);
  EXPECT_TRUE(BodyDecoder::of_length(10, 10).reading());
}

TEST(BodyDecoder, RefusesASumOfChunksThatWraps) {
  BodyDecoder body = BodyDecoder::chunked(1000);
  std::string_view bytes = "1\r\na\r\nffffffffffffffff\r\n";
  while (!bytes.empty() && body.reading()) body.next(bytes);

  EXPECT_EQ(body.refusal().status, 413);
}

TEST(BodyDecoder, BoundsABodyThatEndsWithTheConnection) {
  BodyDecoder body = BodyDecoder::until_close(4);
  std::string_view bytes = "12345";
  std::string payload;
  while (!bytes.empty() && body.reading()) payload.append(body.next(bytes));

  EXPECT_EQ(payload, "1234");
  EXPECT_EQ(body.refusal().status, 413);
  EXPECT_FALSE(body.end_of_stream());
}

TEST(BodyDecoder, IsDoneAtOnceWithoutABody) {
  EXPECT_TRUE(BodyDecoder().done());
  EXPECT_TRUE(BodyDecoder::of_length(0).done());
}

TEST(BodyDecoder, CallsAnUnfinishedChunkedBodyCut) {
  BodyDecoder body = BodyDecoder::chunked();
  std::string_view bytes = "5\r\nhello\r\n0\r\n";
  while (!bytes.empty()) body.next(bytes);

  EXPECT_FALSE(body.end_of_stream());
}

}  // namespace
}  // namespace vdm::http1::body_test
