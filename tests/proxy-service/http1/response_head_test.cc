#include "proxy-service/http1/response_head.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/common/http1/every_split.h"
#include "tests/proxy-service/http1/connection_reading.h"

namespace vdm::http1::response_head_test {
namespace {

struct Vector {
  const char* name;
  std::string stream;
};

std::ostream& operator<<(std::ostream& out, const Vector& vector) { return out << vector.name; }

std::string ok(const std::string& fields) { return "HTTP/1.1 200 OK\r\n" + fields + "\r\n"; }

class RefusedResponse : public testing::TestWithParam<Vector> {};

TEST_P(RefusedResponse, IsABadGatewayHoweverItIsSplit) {
  const std::string outcome = same_for_every_split(read_responses, GetParam().stream);

  EXPECT_TRUE(outcome.starts_with("refused 502")) << outcome;
}

INSTANTIATE_TEST_SUITE_P(
    Provider, RefusedResponse,
    testing::Values(
        Vector{"both framings", ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
        Vector{"two lengths", ok("Content-Length: 5\r\nContent-Length: 5\r\n")},
        Vector{"length list", ok("Content-Length: 5, 5\r\n")},
        Vector{"signed length", ok("Content-Length: +5\r\n")},
        Vector{"huge length", ok("Content-Length: 99999999999999999999\r\n")},
        Vector{"gzip coding", ok("Transfer-Encoding: gzip, chunked\r\n")},
        Vector{"two codings", ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
        Vector{"coding with 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
        Vector{"status 000", "HTTP/1.1 000 No\r\n\r\n"},
        Vector{"status 99", "HTTP/1.1 099 No\r\n\r\n"},
        Vector{"status 600", "HTTP/1.1 600 No\r\n\r\n"},
        Vector{"status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"},
        Vector{"status of two digits", "HTTP/1.1 20 OK\r\n\r\n"},
        Vector{"status of letters", "HTTP/1.1 2x0 OK\r\n\r\n"},
        Vector{"no status", "HTTP/1.1\r\n\r\n"},
        Vector{"unasked switch", "HTTP/1.1 101 Switching Protocols\r\n\r\n"},
        Vector{"version 2", "HTTP/2.0 200 OK\r\n\r\n"},
        Vector{"another protocol", "SSH-2.0-OpenSSH_9.2\r\n"},
        Vector{"folded value", ok("X: a\r\n b\r\n")},
        Vector{"space before colon", ok("Content-Length : 5\r\n")},
        Vector{"bare LF", "HTTP/1.1 200 OK\nContent-Length: 5\n\n"},
        Vector{"bare CR", ok("X: a\rb\r\n")}, Vector{"NUL", ok(std::string("X: a\0b\r\n", 8))},
        Vector{"NUL in the reason", std::string("HTTP/1.1 200 O\0K\r\n\r\n", 21)},
        Vector{"no colon", ok("nonsense\r\n")}));

TEST(ResponseHead, ReadsABodyOfKnownLengthAndLeavesTheRest) {
  const std::string outcome = same_for_every_split(
      read_responses, ok("Content-Length: 5\r\nServer: x\r\n") + "hello" + "HTTP/1.1 429 Slow\r\n");

  EXPECT_EQ(outcome,
            "200 OK keep\nContent-Length=5\nServer=x\nhello[end]\nleft HTTP/1.1 429 Slow\r\n");
}

TEST(ResponseHead, ReadsAChunkedBody) {
  const std::string outcome = same_for_every_split(
      read_responses, ok("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n");

  EXPECT_EQ(outcome, "200 OK keep\nTransfer-Encoding=chunked (hop)\nhello[end]\nleft ");
}

TEST(ResponseHead, ReadsUntilCloseWhenNothingElseIsSaid) {
  const std::string outcome = same_for_every_split(read_responses, ok("") + "all of it");

  EXPECT_EQ(outcome, "200 OK close\nall of it[ended]\nleft ");
}

TEST(ResponseHead, TellsACutBodyFromAWholeOne) {
  const std::string outcome =
      same_for_every_split(read_responses, ok("Content-Length: 9\r\n") + "half");

  EXPECT_TRUE(outcome.ends_with("half[cut]\nleft ")) << outcome;
}

TEST(ResponseHead, PassesInformationalResponsesByOne) {
  const std::string outcome =
      same_for_every_split(read_responses,
                           "HTTP/1.1 100 Continue\r\n\r\n"
                           "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" +
                               ok("Content-Length: 2\r\n") + "ok");

  EXPECT_EQ(outcome,
            "100 Continue keep\n[end]\n"
            "103 Early Hints keep\nLink=</a>\n[end]\n"
            "200 OK keep\nContent-Length=2\nok[end]\nleft ");
}

TEST(ResponseHead, GivesNoBodyTo204And304AndAnswersToHead) {
  const auto read = [](const std::string& stream, ResponseHead::Answers answers) {
    ResponseHead head;
    EXPECT_EQ(head.read(stream, answers), Progress::Complete);
    return std::pair(head.body_kind(), head.keep_alive());
  };
  const auto get = ResponseHead::Answers::Get;

  EXPECT_EQ(read("HTTP/1.1 204 No Content\r\n\r\n", get), std::pair(BodyKind::None, true));
  EXPECT_EQ(read("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", get),
            std::pair(BodyKind::None, true));
  EXPECT_EQ(read(ok("Content-Length: 9\r\n"), ResponseHead::Answers::Head),
            std::pair(BodyKind::None, true));
}

TEST(ResponseHead, DoesNotReuseAConnectionWhose204DeclaresABody) {
  ResponseHead head;

  ASSERT_EQ(head.read("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"),
            Progress::Complete);

  EXPECT_EQ(head.body_kind(), BodyKind::None);
  EXPECT_FALSE(head.keep_alive());
}

TEST(ResponseHead, TakesAStatusLineWithoutAReason) {
  EXPECT_EQ(same_for_every_split(read_responses, "HTTP/1.1 204\r\n\r\n"),
            "204  keep\n[end]\nleft ");
  EXPECT_EQ(same_for_every_split(read_responses, "HTTP/1.1 204 \r\n\r\n"),
            "204  keep\n[end]\nleft ");
}

TEST(ResponseHead, HoldsItsBounds) {
  const auto progress = [](const std::string& stream) {
    ResponseHead head(32 * 1024);
    return head.read(stream);
  };
  const std::string fields(32 * 1024, 'a');

  EXPECT_EQ(progress("HTTP/1.1 200 OK\r\nX: " + fields), Progress::Refused);
  EXPECT_EQ(progress("HTTP/1.1 200 " + fields.substr(0, ResponseHead::StatusLineMax)),
            Progress::Refused);
  EXPECT_EQ(progress("HTTP/1.1 200 OK\r\nX: " + fields.substr(0, 30000) + "\r\n\r\n"),
            Progress::Complete);
}

TEST(ResponseHead, HoldsTheLimitItIsGiven) {
  const auto progress = [](std::size_t bytes_max, std::size_t size) {
    const std::string start = "HTTP/1.1 200 OK\r\nX: ";
    ResponseHead head(bytes_max);
    return head.read(start + std::string(size - start.size() - 4, 'a') + "\r\n\r\n");
  };

  for (const std::size_t limit :
       {std::size_t{1024}, std::size_t{20'000}, ResponseHead::BytesMost}) {
    EXPECT_EQ(progress(limit, limit), Progress::Complete) << limit;
    EXPECT_EQ(progress(limit, limit + 1), Progress::Refused) << limit;
  }
}

TEST(ResponseHead, FindsWhatStandsAtTheFarEndOfTheLargestHead) {
  const std::string start = "HTTP/1.1 200 OK\r\nX: ";
  const std::string end = "\r\nRetry-After: 7\r\n\r\n";
  ResponseHead head;
  const std::string bytes =
      start + std::string(ResponseHead::BytesMost - start.size() - end.size(), 'a') + end;

  EXPECT_EQ(head.read(bytes), Progress::Complete);
  EXPECT_EQ(head.fields().get(FieldName::RetryAfter), "7");
}

}  // namespace
}  // namespace vdm::http1::response_head_test
