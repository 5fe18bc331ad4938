#include "proxy-service/serve/client_head.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace vdm::proxy::client_head_test {
namespace {

using http1::Progress;

std::string head_of(std::string_view length, std::string_view more = "") {
  return std::string("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n")
      .append(length)
      .append(more)
      .append("\r\n");
}

std::string with_length(std::string_view length, std::string_view more = "") {
  return head_of("Content-Length: " + std::string(length) + "\r\n", more);
}

/// One that has read `text`, which is kept: it is not the first.
ClientHead after(const std::string& text) {
  ClientHead head;
  for (int i = 0; i < 2; ++i) {
    head.begin();
    EXPECT_EQ(head.read(text), Progress::Complete);
  }
  head.begin();
  return head;
}

bool knows_again(const std::string& first, const std::string& second) {
  ClientHead head = after(first);
  return head.read(second) == Progress::Complete && head.repeated();
}

TEST(ClientHead, KnowsAHeadAgainThatOnlyHasAnotherLength) {
  const std::string first = with_length("120");
  const std::string second = with_length("999") + "and a body";
  ClientHead head = after(first);

  ASSERT_EQ(head.read(second), Progress::Complete);

  EXPECT_TRUE(head.repeated());
  EXPECT_EQ(head.head().content_length(), 999u);
  EXPECT_EQ(head.head().bytes(), with_length("999").size());
  EXPECT_EQ(head.head().host(), "localhost");
  EXPECT_EQ(head.route().service, Service::Completion);
}

TEST(ClientHead, DoesNotKnowAgainWhatMayMeanSomethingElse) {
  const std::string first = with_length("120", "X-A: b\r\n");

  EXPECT_TRUE(knows_again(first, first));
  EXPECT_FALSE(knows_again(first, with_length("1200", "X-A: b\r\n")));
  EXPECT_FALSE(knows_again(first, with_length("99", "X-A: b\r\n")));
  EXPECT_FALSE(knows_again(first, with_length("1 0", "X-A: b\r\n")));
  EXPECT_FALSE(knows_again(first, with_length("-20", "X-A: b\r\n")));
  EXPECT_FALSE(knows_again(first, with_length("120", "X-A: c\r\n")));
  EXPECT_FALSE(knows_again(first, with_length("120", "X-B: b\r\n")));
  EXPECT_FALSE(knows_again(first, first.substr(0, first.size() - 1)));
  EXPECT_FALSE(knows_again(first, "GET" + first.substr(4)));
  EXPECT_FALSE(knows_again(first, ""));
  EXPECT_TRUE(knows_again(head_of("", "X-A: b\r\n"), head_of("", "X-A: b\r\n")));
  EXPECT_FALSE(knows_again(head_of("", "X-A: b\r\n"), head_of("", "X-A: c\r\n")));
}

// Whatever one byte is changed to: what is known again reads as it would have read.
TEST(ClientHead, KnowsAgainOnlyWhatReadsAlike) {
  const std::string first = with_length("120", "X-A: b\r\nConnection: keep-alive\r\n");
  for (std::size_t at = 0; at < first.size(); ++at) {
    for (const char c : {'0', '9', 'a', 'A', ' ', ':', '\r', '\n', '\t', '\0', '_'}) {
      std::string second = first;
      second[at] = c;
      ClientHead head = after(first);
      if (head.read(second) != Progress::Complete || !head.repeated()) continue;
      http1::RequestHead fresh;
      ASSERT_EQ(fresh.read(second), Progress::Complete) << at << " " << int{c};
      EXPECT_EQ(head.head().content_length(), fresh.content_length());
      EXPECT_EQ(head.head().keep_alive(), fresh.keep_alive());
      EXPECT_EQ(head.head().fields().get("x-a"), fresh.fields().get("x-a"));
    }
  }
}

TEST(ClientHead, ReadsAHeadThatComesInParts) {
  const std::string text = with_length("12");
  ClientHead head = after(text);

  EXPECT_EQ(head.read(std::string_view(text).substr(0, 20)), Progress::NeedMore);
  EXPECT_EQ(head.read(text), Progress::Complete);

  EXPECT_FALSE(head.repeated());
  EXPECT_EQ(head.head().content_length(), 12u);
}

TEST(ClientHead, ForgetsAHeadThatMayBeTooLargeForNewLimits) {
  const std::string text = with_length("5", "X: " + std::string(2000, 'x') + "\r\n");
  ClientHead head = after(text);

  head.limit_to({.bytes_max = 1024});

  EXPECT_EQ(head.read(text), Progress::Refused);
  EXPECT_FALSE(head.repeated());
}

}  // namespace
}  // namespace vdm::proxy::client_head_test
