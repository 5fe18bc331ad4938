#include "common/base/sse.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vdm::sse_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t Enough = 1 << 20;

std::vector<SseEvent> split(const std::vector<std::string_view>& pieces) {
  SseSplitter splitter(Enough);
  std::vector<SseEvent> events;
  for (const std::string_view piece : pieces) EXPECT_TRUE(splitter.push(piece, events));
  return events;
}

/// Every way of ending a line, a byte-order mark, comments, fields without a
/// space, fields nobody knows, data of several lines, and blank lines to spare.
const std::string Awkward =
    "\xEF\xBB\xBF"
    "data: first\n\n"
    ": a comment\n\n"
    "event: named\r\ndata:no space\r\nid: 7\r\n\r\n"
    "data: one\rdata: two\rdata\r\r"
    "retry: 10\n\n\n\n"
    "event: empty\ndata:\n\n"
    "data: mixed\r\n\n"
    "data: {\"a\":\"b: c\"}\n\r\n"
    "data: unfinished\n";

const std::vector<SseEvent> AwkwardEvents{
    {"", "first", ""}, {"named", "no space", "7"}, {"", "one\ntwo\n", ""},
    {"empty", "", ""}, {"", "mixed", ""},          {"", "{\"a\":\"b: c\"}", ""},
};

TEST(SseSplitter, ReadsEveryKindOfLineEndAndField) { EXPECT_EQ(split({Awkward}), AwkwardEvents); }

TEST(SseSplitter, GivesTheSameEventsCutAtEveryByte) {
  std::vector<std::string_view> bytes;
  for (const char& c : Awkward) bytes.emplace_back(&c, 1);
  EXPECT_EQ(split(bytes), AwkwardEvents);

  for (std::size_t at = 0; at <= Awkward.size(); ++at) {
    const std::string_view text(Awkward);
    EXPECT_EQ(split({text.substr(0, at), text.substr(at)}), AwkwardEvents) << "cut at " << at;
  }
}

TEST(SseSplitter, GivesTheSameEventsForAThousandRandomCuts) {
  std::mt19937 random(1);
  for (int round = 0; round < 1000; ++round) {
    std::vector<std::string_view> pieces;
    for (std::string_view rest = Awkward; !rest.empty();) {
      const std::size_t size = std::min<std::size_t>(random() % 9, rest.size());
      pieces.push_back(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    ASSERT_EQ(split(pieces), AwkwardEvents) << "round " << round;
  }
}

TEST(SseSplitter, GivesAnEventAsSoonAsItsBlankLineBegins) {
  EXPECT_THAT(split({"data: x\r\n\r"}), ElementsAre(SseEvent{"", "x", ""}));
  EXPECT_THAT(split({"data: x\n\n"}), ElementsAre(SseEvent{"", "x", ""}));
  EXPECT_THAT(split({"data: x\n"}), IsEmpty());
}

TEST(SseSplitter, RefusesAnEventThatIsTooLargeHoweverItComes) {
  const std::string event = "data: " + std::string(64, 'x') + "\n\n";
  for (std::size_t piece : {std::size_t{1}, std::size_t{7}, event.size()}) {
    SseSplitter fits(event.size());
    SseSplitter too_small(event.size() - 1);
    std::vector<SseEvent> events;
    bool refused = false;
    for (std::size_t at = 0; at < event.size() && !refused; at += piece) {
      const auto part = std::string_view(event).substr(at, piece);
      EXPECT_TRUE(fits.push(part, events));
      const auto pushed = too_small.push(part, events);
      refused = !pushed && pushed.error().kind == ErrorKind::TooLarge;
    }
    EXPECT_TRUE(refused) << "in pieces of " << piece;
  }
}

TEST(SseFramer, SaysHowManyLeadingBytesAreWholeEvents) {
  SseFramer framer(Enough);
  const std::string_view buffer = "data: a\n\ndata: b\n\ndata: c";

  EXPECT_EQ(*framer.whole(buffer), 18u);
  EXPECT_EQ(*framer.whole("data: c\n\n"), 9u);
}

TEST(SseFramer, LosesNoByteBetweenEvents) {
  SseFramer framer(Enough);
  std::string relayed;
  std::string buffer;
  for (const char c : Awkward) {
    buffer.push_back(c);
    while (const std::size_t size = *framer.next(buffer)) {
      relayed.append(buffer, 0, size);
      buffer.erase(0, size);
    }
  }

  EXPECT_EQ(relayed + buffer, Awkward);
  EXPECT_EQ(buffer, "data: unfinished\n");
}

TEST(ReadSseEvent, CopiesNothingWhenTheDataIsOneLine) {
  const std::string event = "event: ping\ndata: {}\n\n";
  std::string joined;

  const SseFields fields = read_sse_event(event, joined);

  EXPECT_EQ(fields.name, "ping");
  EXPECT_EQ(fields.data.data(), event.data() + 18);
  EXPECT_TRUE(joined.empty());
}

TEST(SseEventText, ReadsBackAsTheSameEvent) {
  for (const char* data : {"", "x", "a\nb", "a\n", "\n", "{\"k\": 1}"}) {
    const SseEvent event{"name", data, "3-4"};

    EXPECT_THAT(split({sse_event(event.name, event.data, event.id)}), ElementsAre(event)) << data;
  }
}

TEST(SseEventText, KeepsANameOnItsLine) {
  EXPECT_EQ(sse_event("a\ndata: forged", "x"), "event: a data: forged\ndata: x\n\n");
}

}  // namespace
}  // namespace vdm::sse_test
