#include "metrics-service/http2/frame_guard.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

namespace vdm::metrics::frame_guard_test {
namespace {

using Time = FrameGuard::Time;

constexpr std::string_view Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr int EndStream = 1;
constexpr int EndHeaders = 4;

std::string frame(int type, int flags, std::uint32_t stream, std::string_view payload) {
  std::string bytes;
  const auto put = [&bytes](std::size_t value, int octets) {
    for (int i = octets - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  };
  put(payload.size(), 3);
  put(static_cast<std::size_t>(type), 1);
  put(static_cast<std::size_t>(flags), 1);
  put(stream, 4);
  return bytes.append(payload);
}

std::string data(std::uint32_t stream, std::string_view payload, int flags = 0) {
  return frame(0, flags, stream, payload);
}
std::string headers(std::uint32_t stream, std::string_view payload = "h", int flags = EndHeaders) {
  return frame(1, flags, stream, payload);
}
std::string continuation(std::uint32_t stream, std::string_view payload, int flags = 0) {
  return frame(9, flags, stream, payload);
}
std::string reset(std::uint32_t stream) { return frame(3, 0, stream, std::string(4, '\0')); }
std::string ping() { return frame(6, 0, 0, std::string(8, 'p')); }
std::string settings() { return frame(4, 0, 0, ""); }
std::string update() { return frame(8, 0, 0, std::string(3, '\0') + '\1'); }
std::string greeting() { return std::string(Preface) + settings(); }

/// A guard that has seen the greeting.
struct Greeted {
  Greeted() { EXPECT_TRUE(guard.take(greeting(), Time(0), passed)); }

  /// Why it was refused; empty when it passed.
  std::string say(const std::string& bytes, Time now = Time(0)) {
    passed.clear();
    const auto taken = guard.take(bytes, now, passed);
    return taken ? "" : taken.error().message;
  }

  std::string passed;
  FrameGuard guard;
};

/// How many of what `make` gives pass in one second.
int passing(const std::function<std::string(std::uint32_t)>& make, int most = 50'000) {
  Greeted greeted;
  for (int i = 0; i < most; ++i) {
    if (!greeted.say(make(static_cast<std::uint32_t>(i))).empty()) return i;
  }
  return most;
}

TEST(FrameGuard, PassesACallWhereverItsBytesAreCut) {
  const std::string call = greeting() + headers(1, "request", 0) + continuation(1, "more", 4) +
                           data(1, "message") + ping() + update() + data(1, "", EndStream);
  for (std::size_t size = 1; size <= call.size(); ++size) {
    FrameGuard guard;
    std::string passed;
    for (std::size_t at = 0; at < call.size(); at += size) {
      ASSERT_TRUE(guard.take(std::string_view(call).substr(at, size), Time(0), passed));
    }

    EXPECT_EQ(passed, call);
    EXPECT_FALSE(guard.is_within());
    EXPECT_EQ(guard.open_streams(), 1u);
  }
}

TEST(FrameGuard, RefusesWhatDoesNotBeginAsHttp2) {
  for (const std::string_view first : {"GET / HTTP/1.1\r\n", "\x16\x03\x01", "PRI * HTTP/2.1"}) {
    FrameGuard guard;
    std::string passed;
    EXPECT_FALSE(guard.take(first, Time(0), passed)) << first;
  }
}

TEST(FrameGuard, RefusesAFirstFrameThatIsNoSettings) {
  FrameGuard guard;
  std::string passed;
  EXPECT_FALSE(guard.take(std::string(Preface) + ping(), Time(0), passed));
}

TEST(FrameGuard, KeepsAHeaderBlockUntilItIsWhole) {
  Greeted greeted;
  const std::string block = headers(1, "some", 0) + continuation(1, "rest", EndHeaders);

  EXPECT_EQ(greeted.say(block.substr(0, block.size() - 1)), "");
  EXPECT_EQ(greeted.passed, "");
  EXPECT_TRUE(greeted.guard.is_within());
  EXPECT_EQ(greeted.say(block.substr(block.size() - 1)), "");
  EXPECT_EQ(greeted.passed, block);
  EXPECT_FALSE(greeted.guard.is_within());
}

TEST(FrameGuard, PassesDataAsItComes) {
  Greeted greeted;
  const std::string message = data(1, std::string(1'000'000, 'x'));

  EXPECT_EQ(greeted.say(headers(1) + message.substr(0, 100'000)), "");

  EXPECT_EQ(greeted.passed, headers(1) + message.substr(0, 100'000));
  EXPECT_EQ(greeted.guard.held_bytes(), 0u);
  EXPECT_FALSE(greeted.guard.is_within());
}

TEST(FrameGuard, BoundsAHeaderBlockInBytesAndFrames) {
  EXPECT_EQ(Greeted().say(headers(1, std::string(16'384, 'h'))), "");
  EXPECT_NE(Greeted().say(headers(1, std::string(16'384, 'h'), 0) + continuation(1, "h", 4)), "");
  EXPECT_NE(Greeted().say(headers(1, std::string(16'385, 'h'))), "");
  std::string many = headers(1, "h", 0);
  for (int i = 0; i < 4; ++i) many += continuation(1, "h");
  EXPECT_EQ(Greeted().say(many), "");
  EXPECT_NE(Greeted().say(many + continuation(1, "h")), "");
}

TEST(FrameGuard, KeepsNoMoreThanAHeaderBlock) {
  Greeted greeted;
  std::string said;
  for (int i = 0; i < 1'000 && said.empty(); ++i) {
    const std::string part(4'000, 'h');
    said = greeted.say(i == 0 ? headers(1, part, 0) : continuation(1, part));
    EXPECT_LE(greeted.guard.held_bytes(), 16'384u + 5 * 9u);
  }
  EXPECT_NE(said, "");
}

TEST(FrameGuard, LetsNothingInterruptAHeaderBlock) {
  EXPECT_NE(Greeted().say(headers(1, "h", 0) + ping()), "");
  EXPECT_NE(Greeted().say(headers(1, "h", 0) + continuation(3, "h")), "");
  EXPECT_NE(Greeted().say(headers(1, "h", 0) + headers(3)), "");
  EXPECT_NE(Greeted().say(continuation(1, "h")), "");
}

TEST(FrameGuard, RefusesWhatNoClientSends) {
  EXPECT_NE(Greeted().say(headers(2)), "");
  EXPECT_NE(Greeted().say(frame(5, 0, 1, "push")), "");
  EXPECT_NE(Greeted().say(frame(4, 0, 0, std::string(258, 's'))), "");
  EXPECT_NE(Greeted().say(frame(200, 0, 0, std::string(16'385, 'x'))), "");
}

TEST(FrameGuard, BoundsTheStreamsThatAreOpen) {
  EXPECT_EQ(passing([](std::uint32_t i) { return headers(2 * i + 1); }), 256);
}

TEST(FrameGuard, CountsAStreamNoMoreThatEitherSideHasEnded) {
  Greeted greeted;
  const auto answer_of = [&](const std::string& bytes) {  // in pieces
    for (const char byte : bytes) greeted.guard.note_answer({&byte, 1});
  };
  EXPECT_EQ(greeted.say(headers(1) + headers(3) + headers(5) + headers(7)), "");

  answer_of(settings() + headers(1, "answer") + data(1, "message") + headers(1, "trailers", 5));
  EXPECT_EQ(greeted.guard.open_streams(), 3u);
  answer_of(reset(3));
  EXPECT_EQ(greeted.guard.open_streams(), 2u);
  EXPECT_EQ(greeted.say(reset(5)), "");
  EXPECT_EQ(greeted.guard.open_streams(), 1u);
}

TEST(FrameGuard, BoundsWhatComesInASecond) {
  EXPECT_EQ(passing([](std::uint32_t i) { return headers(2 * i + 1) + reset(2 * i + 1); }), 100);
  EXPECT_EQ(passing([](std::uint32_t) { return ping(); }), 200);
  EXPECT_EQ(passing([](std::uint32_t) { return settings(); }), 19);  // the first was the greeting
  EXPECT_EQ(passing([](std::uint32_t) { return update(); }), 20'000);
  EXPECT_EQ(passing([](std::uint32_t) { return data(1, ""); }), 200);
  EXPECT_EQ(passing([](std::uint32_t) { return frame(2, 0, 1, "prior"); }), 200);
  EXPECT_EQ(passing([](std::uint32_t) { return frame(7, 0, 0, "goaway.."); }), 200);
  EXPECT_EQ(passing([](std::uint32_t) { return frame(99, 0, 0, ""); }), 200);
}

TEST(FrameGuard, BoundsNewStreamsInASecondThoughTheServerEndsThem) {
  Greeted greeted;
  int opened = 0;
  for (std::uint32_t id = 1; greeted.say(headers(id)).empty(); id += 2, ++opened) {
    greeted.guard.note_answer(headers(id, "refused", EndHeaders | EndStream));
  }
  EXPECT_EQ(opened, 500);
}

TEST(FrameGuard, BeginsToCountAgainEachSecond) {
  Greeted greeted;
  for (int i = 0; i < 200; ++i) ASSERT_EQ(greeted.say(ping()), "");

  for (int i = 0; i < 200; ++i) EXPECT_EQ(greeted.say(ping(), Time(1'000)), "");
  EXPECT_NE(greeted.say(ping(), Time(1'999)), "");
}

TEST(FrameGuard, CountsWhatEndsAStreamApart) {
  EXPECT_EQ(passing([](std::uint32_t) { return data(1, "", EndStream); }), 1'000);
}

}  // namespace
}  // namespace vdm::metrics::frame_guard_test
