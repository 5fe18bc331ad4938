#include "common/http1/request_head.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/common/http1/every_split.h"
#include "tests/common/http1/framing_vectors.h"
#include "tests/proxy-service/http1/connection_reading.h"

namespace vdm::http1::request_head_test {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all.append(text);
  return all;
}

int status_of(std::string_view stream) {
  RequestHead head;
  return head.read(stream) == Progress::Refused ? head.refusal().status : 0;
}

class RefusedRequest : public testing::TestWithParam<FramingVector> {};

TEST_P(RefusedRequest, IsRefusedAlikeHoweverItIsSplit) {
  const std::string outcome = same_for_every_split(read_requests, GetParam().stream);

  EXPECT_TRUE(outcome.starts_with("refused " + std::to_string(GetParam().status))) << outcome;
}

INSTANTIATE_TEST_SUITE_P(Smuggling, RefusedRequest, testing::ValuesIn(smuggling_vectors()));
INSTANTIATE_TEST_SUITE_P(RequestLine, RefusedRequest, testing::ValuesIn(request_line_vectors()));
INSTANTIATE_TEST_SUITE_P(Host, RefusedRequest, testing::ValuesIn(host_vectors()));
INSTANTIATE_TEST_SUITE_P(OnceOnly, RefusedRequest, testing::ValuesIn(once_only_vectors()));

TEST(RequestHead, SaysWhatAPlainRequestIs) {
  const std::string outcome = same_for_every_split(read_requests,
                                                   "POST /v1/messages?beta=true&x HTTP/1.1\r\n"
                                                   "Host: localhost:8082\r\n"
                                                   "content-length: 5\r\n"
                                                   "X-Api-Key:\t key \r\n"
                                                   "Empty:\r\n"
                                                   "\r\n"
                                                   "hello");

  EXPECT_EQ(outcome,
            "POST /v1/messages ? beta=true&x at localhost:8082 1.1 keep\n"
            "Host=localhost:8082\n"
            "content-length=5\n"
            "X-Api-Key=key\n"
            "Empty=\n"
            "hello[end]\n"
            "left ");
}

TEST(RequestHead, KeepsPipelinedRequestsApart) {
  const std::string outcome = same_for_every_split(read_requests,
                                                   "POST /a HTTP/1.1\r\nHost: h\r\n"
                                                   "Transfer-Encoding: Chunked\r\n\r\n"
                                                   "3\r\nabc\r\n0\r\n\r\n"
                                                   "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
                                                   "GET /c HT");

  EXPECT_EQ(outcome,
            "POST /a ?  at h 1.1 keep\nHost=h\nTransfer-Encoding=Chunked (hop)\nabc[end]\n"
            "GET /b ?  at h 1.1 keep\nHost=h\n[end]\n"
            "left GET /c HT");
}

TEST(RequestHead, ReadsNothingAsARequestBehindARefusal) {
  const std::string outcome = same_for_every_split(
      read_requests, post("Transfer-Encoding: xchunked\r\n") + post("Content-Length: 0\r\n"));

  EXPECT_EQ(outcome, "refused 501 Transfer-Encoding: expected exactly 'chunked'\nleft ");
}

TEST(RequestHead, StaysRefusedUntilCleared) {
  RequestHead head;
  ASSERT_EQ(head.read("\n"), Progress::Refused);

  EXPECT_EQ(head.read("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Progress::Refused);
  head.clear();
  EXPECT_EQ(head.read("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Progress::Complete);
}

TEST(RequestHead, NeverRepeatsTheClientsBytesInARefusal) {
  for (const std::string& stream :
       {post("Authorization: sk-secret\r\nAuthorization: sk-secret\r\n"),
        post("Content-Length: sk-secret\r\n"), std::string("GET sk-secret HTTP/1.1\r\n\r\n")}) {
    RequestHead head;
    ASSERT_EQ(head.read(stream), Progress::Refused);
    EXPECT_EQ(head.refusal().reason.find("sk-secret"), std::string_view::npos);
  }
}

TEST(RequestHead, TakesAnAbsoluteTargetOfItsOwnHost) {
  RequestHead head;

  ASSERT_EQ(head.read("GET HTTP://Gateway:8082?q HTTP/1.1\r\nhost: gateway:8082\r\n\r\n"),
            Progress::Complete);

  EXPECT_EQ(head.path(), "/");
  EXPECT_EQ(head.query(), "q");
}

TEST(RequestHead, NamesTheHostWithoutItsPort) {
  const auto host_name = [](const std::string& host) {
    RequestHead head;
    const std::string stream = "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    return head.read(stream) == Progress::Complete ? std::string(head.host_name()) : "refused";
  };

  EXPECT_EQ(host_name("localhost"), "localhost");
  EXPECT_EQ(host_name("127.0.0.1:8082"), "127.0.0.1");
  EXPECT_EQ(host_name("[::1]:8082"), "[::1]");
  EXPECT_EQ(host_name("[::1]"), "[::1]");
  EXPECT_EQ(host_name("vdm_proxy:80"), "vdm_proxy");
}

TEST(RequestHead, KnowsWhenTheConnectionStays) {
  const auto stays = [](const std::string& version, const std::string& fields) {
    RequestHead head;
    const std::string stream = "GET / " + version + "\r\nHost: a\r\n" + fields + "\r\n";
    return head.read(stream) == Progress::Complete && head.keep_alive();
  };

  EXPECT_TRUE(stays("HTTP/1.1", ""));
  EXPECT_FALSE(stays("HTTP/1.1", "Connection: close\r\n"));
  EXPECT_FALSE(stays("HTTP/1.1", "Connection: keep-alive, Close\r\n"));
  EXPECT_FALSE(stays("HTTP/1.1", "Connection: te\r\nConnection: close\r\n"));
  EXPECT_FALSE(stays("HTTP/1.0", ""));
  EXPECT_TRUE(stays("HTTP/1.0", "Connection: Keep-Alive\r\n"));
}

TEST(RequestHead, MarksWhatConnectionNamesAsHopByHop) {
  RequestHead head;
  const std::string stream = post(
      "Connection: close, X-Trace\r\nx-trace: 1\r\nTE: trailers\r\n"
      "Upgrade: h2c\r\nX-Other: 2\r\n");
  ASSERT_EQ(head.read(stream), Progress::Complete);

  std::string passed_on;
  for (const Field field : head.fields()) {
    if (head.fields().is_end_to_end(field)) passed_on.append(field.name).append(" ");
  }

  EXPECT_EQ(passed_on, "Host X-Other ");
}

TEST(RequestHead, FindsFieldsInAnyCase) {
  RequestHead head;
  const std::string stream = post("AUTHORIZATION: Bearer k\r\nX-Custom: one\r\nx-custom: two\r\n");
  ASSERT_EQ(head.read(stream), Progress::Complete);

  EXPECT_EQ(head.fields().get(FieldName::Authorization), "Bearer k");
  EXPECT_EQ(head.fields().get("authorization"), "Bearer k");
  EXPECT_EQ(head.fields().get("X-CUSTOM"), "one");
  EXPECT_EQ(head.fields().get("x-customs"), std::nullopt);
  EXPECT_FALSE(head.fields().has(FieldName::XApiKey));
}

TEST(RequestHead, AcceptsAnUnderscoreInANameOfNoImportance) {
  EXPECT_EQ(status_of(post("x_session_id: 1\r\n")), 0);
}

TEST(RequestHead, RemembersThatTheClientWaitsForContinue) {
  RequestHead head;
  ASSERT_EQ(head.read(post("Expect: 100-Continue\r\nContent-Length: 3\r\n")), Progress::Complete);

  EXPECT_TRUE(head.expect_continue());
}

std::string with_target(std::size_t size) {
  return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string of_size(std::size_t size) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  return start + std::string(size - start.size() - 4, 'a') + "\r\n\r\n";
}

std::string of_fields(std::size_t count) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + repeated("X: a\r\n", count - 1) + "\r\n";
}

int status_within(const RequestHeadLimits& limits, const std::string& stream) {
  RequestHead head(limits);
  head.read(stream);
  return head.refusal().status;
}

TEST(RequestHead, HoldsItsBounds) {
  const RequestHeadLimits limits;
  const std::size_t line_max = limits.target_bytes_max + RequestHead::RequestLineRest;

  EXPECT_EQ(status_of(with_target(limits.target_bytes_max)), 0);
  EXPECT_EQ(status_of(with_target(limits.target_bytes_max + 1)), 414);
  EXPECT_EQ(status_of(with_target(line_max)), 414);
  EXPECT_EQ(status_of("GET /" + std::string(line_max, 'a')), 414);
  EXPECT_EQ(status_of(of_size(limits.bytes_max)), 0);
  EXPECT_EQ(status_of(of_size(limits.bytes_max + 1)), 431);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\n" + std::string(limits.bytes_max, 'a')), 431);
  EXPECT_EQ(status_of(of_fields(Fields::Max)), 0);
  EXPECT_EQ(status_of(of_fields(Fields::Max + 1)), 431);
}

TEST(RequestHead, HoldsTheLimitsItIsGiven) {
  for (const std::size_t limit : {std::size_t{1024}, RequestHeadLimits::BytesMost}) {
    EXPECT_EQ(status_within({.bytes_max = limit}, of_size(limit)), 0) << limit;
    EXPECT_EQ(status_within({.bytes_max = limit}, of_size(limit + 1)), 431) << limit;
  }
  for (const std::size_t limit : {std::size_t{64}, std::size_t{20'000}}) {
    EXPECT_EQ(status_within({.target_bytes_max = limit}, with_target(limit)), 0) << limit;
    EXPECT_EQ(status_within({.target_bytes_max = limit}, with_target(limit + 1)), 414) << limit;
  }
  EXPECT_EQ(status_within({.fields_max = 8}, of_fields(8)), 0);
  EXPECT_EQ(status_within({.fields_max = 8}, of_fields(9)), 431);
  EXPECT_EQ(status_within({.bytes_max = 1024}, with_target(2000)), 414)
      << "a line that is longer than all is the line's fault";
}

TEST(RequestHead, FindsWhatStandsAtTheFarEndOfTheLargestHead) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::string end = "\r\nX-Api-Key: 7\r\n\r\n";
  const std::size_t size = RequestHeadLimits::BytesMost;
  RequestHead head({.bytes_max = size});
  const std::string bytes = start + std::string(size - start.size() - end.size(), 'a') + end;

  EXPECT_EQ(head.read(bytes), Progress::Complete);
  EXPECT_EQ(head.fields().get(FieldName::XApiKey), "7");
}

TEST(RequestHead, HoldsItsBoundsForBytesThatDribble) {
  const std::size_t limit = RequestHeadLimits().bytes_max;
  for (const std::size_t size : {limit, limit + 1}) {
    const std::string stream = of_size(size);
    RequestHead whole;
    RequestHead dribbled;
    Progress last = Progress::NeedMore;
    for (std::size_t i = 1; i <= stream.size() && last == Progress::NeedMore; ++i) {
      last = dribbled.read(std::string_view(stream).substr(0, i));
    }

    EXPECT_EQ(last, whole.read(stream));
    EXPECT_EQ(dribbled.refusal().status, whole.refusal().status);
  }
}

TEST(RequestHead, ReadsTheLengthOfTheSameHeadAgain) {
  const std::string first = post("Content-Length: 120\r\n");
  const std::string second = post("Content-Length: 999\r\n");
  const std::string third = post("Content-Length: 1 0\r\n");
  RequestHead head;
  ASSERT_EQ(head.read(first), Progress::Complete);

  ASSERT_TRUE(head.read_length_again(second.data()));

  EXPECT_EQ(head.content_length(), 999u);
  EXPECT_EQ(head.bytes(), second.size());
  EXPECT_EQ(head.path(), "/v1/messages");
  EXPECT_EQ(head.fields().get(FieldName::ContentLength)->data(),
            second.data() + second.find("999"));
  EXPECT_FALSE(head.read_length_again(third.data()));
}

}  // namespace
}  // namespace vdm::http1::request_head_test
