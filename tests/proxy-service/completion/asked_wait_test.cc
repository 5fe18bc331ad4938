#include "proxy-service/completion/asked_wait.h"

#include <gtest/gtest.h>

#include "proxy-service/http1/response_head.h"

namespace vdm::proxy::asked_wait_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SystemTime Now = std::chrono::sys_days(std::chrono::year(2026) / 8 / 10) +
                       std::chrono::hours(12) + std::chrono::minutes(9);

std::optional<milliseconds> asked(const std::string& fields, int status = 429) {
  const std::string text = "HTTP/1.1 " + std::to_string(status) + " No\r\n" + fields + "\r\n";
  http1::ResponseHead head;
  EXPECT_EQ(head.read(text), http1::Progress::Complete);
  return asked_wait(head.status(), head.fields(), Now);
}

TEST(AskedWait, IsReadFromTheFieldThatSaysItMostExactly) {
  EXPECT_EQ(asked("retry-after: 7\r\n"), seconds(7));
  EXPECT_EQ(asked("retry-after: 7\r\nretry-after-ms: 6500\r\n"), milliseconds(6500));
  EXPECT_EQ(asked("retry-after: 7\r\nx-ratelimit-reset-tokens: 6m0s\r\n"), seconds(7));
  EXPECT_EQ(asked("retry-after: soon\r\nretry-after-ms: x\r\n"), std::nullopt);
  EXPECT_EQ(asked("x-ratelimit-remaining-tokens: 0\r\n"), std::nullopt);
}

// platform.openai.com/docs/guides/rate-limits, console.groq.com/docs/rate-limits,
// inference-docs.cerebras.ai, openrouter.ai/docs/api-reference/limits,
// platform.claude.com/docs/en/api/rate-limits.
TEST(AskedWait, IsReadFromWhatMakersSayOfTheirLimits) {
  EXPECT_EQ(parse_renewal("1s", Now), seconds(1));
  EXPECT_EQ(parse_renewal("6m30.5s", Now), milliseconds(390'500));
  EXPECT_EQ(parse_renewal("7.66s", Now), milliseconds(7'660));
  EXPECT_EQ(parse_renewal("120ms", Now), milliseconds(120));
  EXPECT_EQ(parse_renewal("1h2m", Now), seconds(3'720));
  EXPECT_EQ(parse_renewal("11.382", Now), milliseconds(11'382));
  EXPECT_EQ(parse_renewal("2026-08-10T12:10:00Z", Now), seconds(60));
  EXPECT_EQ(parse_renewal("1786363800", Now), seconds(60));
  EXPECT_EQ(parse_renewal("1786363800500", Now), milliseconds(60'500));
}

TEST(AskedWait, IsNothingOfWhatIsNoTime) {
  for (const char* text : {"", "soon", "5 apples", "s", "6m5", "2026-13-10T12:10:00Z", "-"}) {
    EXPECT_EQ(parse_renewal(text, Now), std::nullopt) << text;
  }
}

TEST(AskedWait, IsBetweenNothingAndADay) {
  EXPECT_EQ(parse_renewal("2020-01-01T00:00:00Z", Now), milliseconds(0));
  EXPECT_EQ(parse_renewal("900h", Now), seconds(86'400));
  EXPECT_EQ(parse_renewal(std::string(400, '9'), Now), std::nullopt);
}

// OpenAI and others send these with every answer.
TEST(AskedWait, IsNotThatOfALimitWhenNoLimitIsWhy) {
  EXPECT_EQ(asked("x-ratelimit-reset-tokens: 6m0s\r\n", 500), std::nullopt);
  EXPECT_EQ(asked("retry-after-ms: 500\r\n", 500), milliseconds(500));
}

TEST(AskedWait, IsThatOfTheLimitWithNothingLeft) {
  EXPECT_EQ(asked("x-ratelimit-remaining-requests: 59\r\nx-ratelimit-reset-requests: 1s\r\n"
                  "x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 6m0s\r\n"),
            seconds(360));
  EXPECT_EQ(asked("x-ratelimit-reset-requests-day: 33011.4\r\n"
                  "x-ratelimit-reset-tokens-minute: 11.38\r\n"),
            milliseconds(11'380));
  EXPECT_EQ(asked("anthropic-ratelimit-input-tokens-remaining: 0\r\n"
                  "anthropic-ratelimit-input-tokens-reset: 2026-08-10T12:10:00Z\r\n"
                  "anthropic-ratelimit-requests-remaining: 5\r\n"
                  "anthropic-ratelimit-requests-reset: 2026-08-10T12:09:01Z\r\n"),
            seconds(60));
}

}  // namespace
}  // namespace vdm::proxy::asked_wait_test
