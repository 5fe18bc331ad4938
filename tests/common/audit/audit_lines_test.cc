#include "common/audit/audit_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace vdm::audit_lines_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Counts = AuditLines::Counts;
using Kind = AuditLines::Kind;

class AuditLinesTest : public ::testing::Test {
 protected:
  AuditEntry wrong_key(const std::string& from, std::string actor = "0a1b2c3d4e5f") {
    return {.shown = std::move(actor),
            .address = *parse_ip_address(from),
            .action = "call",
            .target = "GET /v1/models",
            .outcome = "wrong key"};
  }
  void refuse(AuditEntry entry) { lines_.add(std::move(entry), Kind::Refusal, wall_, now_); }
  std::vector<std::string> take(Counts which = Counts::Due) {
    return lines_.take(wall_, now_, which);
  }

  SystemTime wall_{1'800'000'000s};
  MonotonicTime now_{1h};
  AuditLines lines_;
};

TEST_F(AuditLinesTest, SayWhoDidWhat) {
  lines_.add({.actor = "ops",
              .address = *parse_ip_address("192.0.2.1"),
              .action = "cancel",
              .target = "req_1",
              .outcome = "done"},
             Kind::Deed, wall_, now_);

  EXPECT_THAT(take(), ElementsAre("{\"time\":\"2027-01-15T08:00:00.000Z\",\"actor\":\"ops\","
                                  "\"address\":\"192.0.2.1\",\"action\":\"cancel\","
                                  "\"target\":\"req_1\",\"outcome\":\"done\"}\n"));
  EXPECT_THAT(take(Counts::All), IsEmpty());
}

TEST_F(AuditLinesTest, AreOneLineEachWhateverTheTextIs) {
  auto entry = wrong_key("::1");
  entry.target = "GET /\"\n\r\x01\xff" + std::string(10'000, 'x');
  refuse(entry);

  const auto lines = take();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_LT(lines[0].size(), 600u);
  EXPECT_EQ(lines[0].find('\n'), lines[0].size() - 1);
}

TEST_F(AuditLinesTest, CountAFloodOfRefusals) {
  for (int i = 0; i < 1000; ++i) refuse(wrong_key("192.0.2.1"));
  EXPECT_THAT(take(), ElementsAre(Not(HasSubstr("count"))));
  now_ += AuditLines::Window;

  EXPECT_THAT(take(), ElementsAre(HasSubstr("\"count\":999")));
  EXPECT_THAT(take(Counts::All), IsEmpty());
}

TEST_F(AuditLinesTest, TellAtTheEndWhatWasCounted) {
  for (int i = 0; i < 3; ++i) refuse(wrong_key("192.0.2.1"));
  take();

  EXPECT_THAT(take(Counts::All), ElementsAre(HasSubstr("\"count\":2")));
}

TEST_F(AuditLinesTest, TellAddressesAndHoldersOfKeysApart) {
  for (const char* from : {"192.0.2.1", "192.0.2.2", "2001:db8::1"}) refuse(wrong_key(from));
  for (int i = 0; i < 100; ++i) refuse(wrong_key("2001:db8::2", std::to_string(i)));
  EXPECT_THAT(take(), SizeIs(3)) << "guesses are alike, and an IPv6 network is one address";

  auto entry = wrong_key("192.0.2.1");
  for (const char* name : {"ops", "wall"}) {
    for (const char* target : {"GET /a", "GET /b", "GET /a"}) {
      entry.actor = name;
      entry.target = target;
      refuse(entry);
    }
  }
  EXPECT_THAT(take(), SizeIs(4)) << "a holder of a key is told by what was tried";
}

TEST_F(AuditLinesTest, AreBoundedWhateverComes) {
  for (int i = 0; i < 20'000; ++i) {
    refuse(wrong_key("10.0." + std::to_string(i / 256 % 256) + "." + std::to_string(i % 256)));
  }
  now_ += AuditLines::Window;
  const auto lines = take();
  EXPECT_LE(lines.size(), 2 * AuditLines::KindsMax + 2);
  EXPECT_THAT(lines.back(), HasSubstr("\"count\""));

  const AuditEntry done{.actor = "a", .action = "login", .outcome = "done"};
  for (int i = 0; i < 2000; ++i) lines_.add(done, Kind::Deed, wall_, now_);
  const auto deeds = take();
  EXPECT_THAT(deeds, SizeIs(AuditLines::LinesMax + 1));
  EXPECT_THAT(deeds.back(), HasSubstr("\"outcome\":\"lines left out\",\"count\":976"));
}

}  // namespace
}  // namespace vdm::audit_lines_test
