#include "common/http1/request_head.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/common/http1/connection_reading.h"
#include "tests/common/http1/every_split.h"

namespace vdm::http1 {
namespace {

struct Vector {
  const char* name;
  std::string stream;
  int status;
};

std::ostream& operator<<(std::ostream& out, const Vector& vector) { return out << vector.name; }

std::string post(const std::string& fields) {
  return "POST /v1/messages HTTP/1.1\r\nHost: gateway\r\n" + fields + "\r\n";
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all.append(text);
  return all;
}

int status_of(std::string_view stream) {
  RequestHead head;
  return head.read(stream) == Progress::Refused ? head.refusal().status : 0;
}

class RefusedRequest : public testing::TestWithParam<Vector> {};

TEST_P(RefusedRequest, IsRefusedAlikeHoweverItIsSplit) {
  const std::string outcome = same_for_every_split(read_requests, GetParam().stream);

  EXPECT_TRUE(outcome.starts_with("refused " + std::to_string(GetParam().status))) << outcome;
}

INSTANTIATE_TEST_SUITE_P(
    Smuggling, RefusedRequest,
    testing::Values(
        Vector{"xchunked", post("Transfer-Encoding: xchunked\r\n"), 501},
        Vector{"chunked then gzip", post("Transfer-Encoding: chunked, gzip\r\n"), 501},
        Vector{"gzip then chunked", post("Transfer-Encoding: gzip, chunked\r\n"), 501},
        Vector{"chunked twice in one", post("Transfer-Encoding: chunked, chunked\r\n"), 501},
        Vector{"quoted chunked", post("Transfer-Encoding: \"chunked\"\r\n"), 501},
        Vector{"chunked with parameter", post("Transfer-Encoding: chunked;q=1\r\n"), 501},
        Vector{"identity", post("Transfer-Encoding: identity\r\n"), 501},
        Vector{"empty coding", post("Transfer-Encoding:\r\n"), 501},
        Vector{"vertical tab before chunked", post("Transfer-Encoding: \vchunked\r\n"), 400},
        Vector{"two codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
               400},
        Vector{"length then coding", post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
               400},
        Vector{"coding then length", post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
               400},
        Vector{"two lengths", post("Content-Length: 4\r\nContent-Length: 5\r\n"), 400},
        Vector{"one length twice", post("Content-Length: 4\r\nContent-Length: 4\r\n"), 400},
        Vector{"length list", post("Content-Length: 4, 4\r\n"), 400},
        Vector{"length with plus", post("Content-Length: +5\r\n"), 400},
        Vector{"length with minus", post("Content-Length: -5\r\n"), 400},
        Vector{"hexadecimal length", post("Content-Length: 0x5\r\n"), 400},
        Vector{"length with a space inside", post("Content-Length: 5 5\r\n"), 400},
        Vector{"empty length", post("Content-Length: \r\n"), 400},
        Vector{"length beyond 63 bits", post("Content-Length: 99999999999999999999\r\n"), 413},
        Vector{"length wrapping to 5", post("Content-Length: 18446744073709551621\r\n"), 413},
        Vector{"coding with 1.0",
               "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Vector{"space before colon", post("Transfer-Encoding : chunked\r\n"), 400},
        Vector{"tab before colon", post("Content-Length\t: 5\r\n"), 400},
        Vector{"folded value", post("X: a\r\n b\r\n"), 400},
        Vector{"folded with tab", post("X: a\r\n\tb\r\n"), 400},
        Vector{"first line folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        Vector{"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
        Vector{"bare LF in a field", post("X: a\nTransfer-Encoding: chunked\r\n"), 400},
        Vector{"bare CR in a field", post("X: a\rTransfer-Encoding: chunked\r\n"), 400},
        Vector{"bare CR before the end", "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n", 400},
        Vector{"CR CR LF", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400},
        Vector{"NUL in a value", post(std::string("X: a\0b\r\n", 8)), 400},
        Vector{"NUL in a name", post(std::string("X\0: a\r\n", 7)), 400},
        Vector{"DEL in a value", post("X: a\x7f\r\n"), 400},
        Vector{"escape in a value", post("X: \x1b[31m\r\n"), 400},
        Vector{"underscore for hyphen in a length", post("Content_Length: 5\r\n"), 400},
        Vector{"underscore in a coding", post("transfer_encoding: chunked\r\n"), 400},
        Vector{"underscore in a key", post("X_API_KEY: k\r\n"), 400},
        Vector{"one underscore of two", post("x-api_key: k\r\n"), 400},
        Vector{"8-bit name", post("X\xe9: a\r\n"), 400},
        Vector{"no colon", post("Content-Length 5\r\n"), 400},
        Vector{"empty name", post(": 5\r\n"), 400}));

INSTANTIATE_TEST_SUITE_P(
    RequestLine, RefusedRequest,
    testing::Values(Vector{"empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"no version", "GET /\r\n\r\n", 400},
                    Vector{"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"tab for space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"space behind", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
                    Vector{"version 2", "PRI * HTTP/2.0\r\n\r\n", 505},
                    Vector{"version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
                    Vector{"version 1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
                    Vector{"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
                    Vector{"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
                    Vector{"longer method", "POSTS / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
                    Vector{"8-bit target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"backslash", "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"backslash_first", "GET \\a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"backslash_in_query", "GET /?a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"no slash", "GET v1/messages HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"other scheme", "GET file:///etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
                           400},
                    Vector{"asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Vector{"TLS hello", "\x16\x03\x01\x02", 400}));

INSTANTIATE_TEST_SUITE_P(
    Host, RefusedRequest,
    testing::Values(
        Vector{"none", "GET / HTTP/1.1\r\n\r\n", 400},
        Vector{"two", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        Vector{"two with 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        Vector{"empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        Vector{"user", "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n", 400},
        Vector{"path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        Vector{"list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
        Vector{"port of letters", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
        Vector{"port empty", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 400},
        Vector{"port too large", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
        Vector{"only a port", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400},
        Vector{"open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
        Vector{"bracket and tail", "GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n", 400},
        Vector{"name in brackets", "GET / HTTP/1.1\r\nHost: [evil]\r\n\r\n", 400},
        Vector{"absolute form differs", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Vector{"absolute port differs", "GET http://a:1/ HTTP/1.1\r\nHost: a:2\r\n\r\n", 400},
        Vector{"absolute with user", "GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n", 400}));

INSTANTIATE_TEST_SUITE_P(
    OnceOnly, RefusedRequest,
    testing::Values(
        Vector{"Authorization", post("Authorization: a\r\nauthorization: b\r\n"), 400},
        Vector{"x-api-key", post("x-api-key: a\r\nX-Api-Key: b\r\n"), 400},
        Vector{"Content-Type", post("Content-Type: a\r\nContent-Type: a\r\n"), 400},
        Vector{"anthropic-version",
               post("anthropic-version: 2023-06-01\r\nanthropic-version: 2023-06-01\r\n"), 400},
        Vector{"Expect of something else", post("Expect: 200-ok\r\n"), 400}));

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

TEST(RequestHead, HoldsItsBounds) {
  const std::string line = "GET / HTTP/1.1\r\nHost: a\r\n";
  const auto with_target = [](std::size_t size) {
    return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  const auto of_size = [&line](std::size_t size) {
    return line + "X: " + std::string(size - line.size() - 7, 'a') + "\r\n\r\n";
  };

  EXPECT_EQ(status_of(with_target(RequestHead::TargetMax)), 0);
  EXPECT_EQ(status_of(with_target(RequestHead::TargetMax + 1)), 414);
  EXPECT_EQ(status_of(with_target(RequestHead::RequestLineMax)), 414);
  EXPECT_EQ(status_of("GET /" + std::string(RequestHead::RequestLineMax, 'a')), 414);
  EXPECT_EQ(status_of(of_size(RequestHead::BytesMax)), 0);
  EXPECT_EQ(status_of(of_size(RequestHead::BytesMax + 1)), 431);
  EXPECT_EQ(status_of(line + std::string(RequestHead::BytesMax, 'a')), 431);
  EXPECT_EQ(status_of(line + repeated("X: a\r\n", Fields::Max - 1) + "\r\n"), 0);
  EXPECT_EQ(status_of(line + repeated("X: a\r\n", Fields::Max) + "\r\n"), 431);
}

TEST(RequestHead, HoldsItsBoundsForBytesThatDribble) {
  const std::string line = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (const std::size_t size : {RequestHead::BytesMax, RequestHead::BytesMax + 1}) {
    const std::string stream = line + "X: " + std::string(size - line.size() - 7, 'a') + "\r\n\r\n";
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
}  // namespace vdm::http1
