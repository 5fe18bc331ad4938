#include "common/http/request_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace vdm::http::request_parser_test {
namespace {

/// What Beast makes of `text` when the guard read `guarded`.
Parsed parsed(const std::string& guarded, const std::string& text, std::uint64_t body_max = 1000) {
  http1::RequestHead head;
  EXPECT_EQ(head.read(guarded), http1::Progress::Complete) << guarded;
  RequestParser parser;
  parser.body_limit(body_max);
  return parser.parse_head(head, text);
}

Parsed parsed(const std::string& text) { return parsed(text, text); }

const std::string Head =
    "POST /a?b=c HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\nx: 3\r\nContent-Length: 5\r\n\r\n";

std::string with(std::string_view old, std::string_view replacement) {
  std::string text = Head;
  return text.replace(text.find(old), old.size(), replacement);
}

TEST(RequestParser, ReadsAHeadAsTheGuardDoes) {
  EXPECT_EQ(parsed(Head), Parsed::Alike);
  EXPECT_EQ(parsed("GET / HTTP/1.0\r\n\r\n"), Parsed::Alike);
  EXPECT_EQ(parsed("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), Parsed::Alike);
  EXPECT_EQ(parsed("GET http://a:1/b HTTP/1.1\r\nHost: a:1\r\n\r\n"), Parsed::Alike);
  EXPECT_EQ(parsed("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 00\r\n\r\n"), Parsed::Alike);
  EXPECT_EQ(parsed("GET / HTTP/1.1\r\nHost:a\r\nA:\r\nB: \t x\ty \t\r\nC: \xc3\xa9\r\n\r\n"),
            Parsed::Alike);
}

TEST(RequestParser, ReadsTheLargestHeadThatTheGuardAccepts) {
  std::string fields = "GET /" + std::string(http1::RequestHeadLimits{}.target_bytes_max - 1, 'a') +
                       " HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 2; i < http1::Fields::Max; ++i)
    fields += "N" + std::to_string(i) + ": 1\r\n";
  const std::size_t room = http1::RequestHeadLimits{}.bytes_max - fields.size() - 7;

  EXPECT_EQ(parsed(fields + "X: " + std::string(room, 'x') + "\r\n\r\n"), Parsed::Alike);
}

TEST(RequestParser, KnowsABodyOverTheLimitByItsHead) {
  EXPECT_EQ(parsed(Head, Head, 5), Parsed::Alike);
  EXPECT_EQ(parsed(Head, Head, 4), Parsed::TooLarge);
  EXPECT_EQ(parsed(Head, with("Y: 2", "Y: 3"), 4), Parsed::Otherwise);
}

TEST(RequestParser, NoticesWhateverTheGuardReadOtherwise) {
  for (const auto& [old, other] : std::vector<std::pair<std::string, std::string>>{
           {"POST", "HEAD"},
           {"/a?b", "/a?c"},
           {"/1.1", "/1.0"},
           {"Host: a", "Host: b"},
           {"X: 1", "X: 3"},
           {"X: 1", "x: 1"},
           {"X: 1", "X: 1\r\nX: 1"},
           {"Y: 2\r\n", ""},
           {"Y: 2", "Z: 2"},
           {"Content-Length: 5", "Content-Length: 6"},
           {"Content-Length: 5", "Content-Length: 5\r\nContent-Length: 5"},
           {"Content-Length: 5", "Transfer-Encoding: chunked"},
           {"\r\n\r\n", "\r\n\r\nhello"},
           {"\r\n\r\n", "\r\n"},
       }) {
    EXPECT_EQ(parsed(Head, with(old, other)), Parsed::Otherwise) << old << " " << other;
  }
}

TEST(RequestParser, RefusesAListInConnectionThatIsNone) {
  EXPECT_EQ(parsed("GET / HTTP/1.1\r\nHost: a\r\nConnection: a b\r\n\r\n"), Parsed::Otherwise);
}

// Whatever one byte of a head is changed to: what the guard accepts, Beast reads alike. It is
// stricter with the list in Connection alone, which stands in no head here.
TEST(RequestParser, ReadsAlikeWhateverTheGuardAccepts) {
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < Head.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = Head;
      text[at] = static_cast<char>(byte);
      http1::RequestHead head;
      if (head.read(text) != http1::Progress::Complete) continue;
      if (head.chunked()) continue;
      ++accepted;
      const std::string guarded = text.substr(0, head.bytes());
      ASSERT_EQ(parsed(guarded, guarded, 1 << 30), Parsed::Alike) << at << " " << byte;
    }
  }
  EXPECT_GT(accepted, 1000u);
}

}  // namespace
}  // namespace vdm::http::request_parser_test
