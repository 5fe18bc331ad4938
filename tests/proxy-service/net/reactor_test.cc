#include "proxy-service/net/reactor.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>

#include <sys/socket.h>

#include "proxy-service/net/descriptor.h"

namespace vdm::proxy::reactor_test {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds Long{10'000};

/// A pair of connected sockets; the first is watched.
class Watcher final : public Reactor::Watched {
 public:
  explicit Watcher(Reactor& reactor) : reactor_(reactor) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) std::abort();
    near_ = Descriptor(ends[0]);
    far_ = Descriptor(ends[1]);
    if (!reactor_.add(near_.get(), *this)) std::abort();
  }
  ~Watcher() { reactor_.forget(*this); }

  void ready(std::uint32_t events) override {
    seen |= events;
    ++times;
    if (then) then();
  }
  void say(std::string_view bytes) {
    ASSERT_EQ(::send(far_.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }
  void leave() { far_.close(); }
  /// One that is new may be written to: that is said first.
  void pass_beginning() {
    reactor_.wait(Long);
    seen = 0;
    times = 0;
  }

  std::uint32_t seen = 0;
  int times = 0;
  std::function<void()> then;

 private:
  Reactor& reactor_;
  Descriptor near_;
  Descriptor far_;
};

TEST(Reactor, TellsEveryoneThoughOneThrows) {
  Reactor reactor;
  Watcher thrower(reactor);
  Watcher other(reactor);
  thrower.pass_beginning();
  thrower.then = other.then = [] { throw std::runtime_error("no"); };

  thrower.say("a");
  other.say("b");
  reactor.wait(Long);

  EXPECT_EQ(thrower.times, 1);
  EXPECT_EQ(other.times, 2);  // its beginning, too
  EXPECT_TRUE(reactor.take_fault());
  EXPECT_FALSE(reactor.take_fault());
}

TEST(Reactor, TellsOfBytesOnceThoughNobodyReadsThem) {
  Reactor reactor;
  Watcher watcher(reactor);
  watcher.pass_beginning();
  watcher.say("a");

  reactor.wait(Long);
  reactor.wait(milliseconds(0));

  EXPECT_EQ(watcher.times, 1);
  EXPECT_NE(watcher.seen & EPOLLIN, 0u);
}

TEST(Reactor, TellsThatThePeerHasLeft) {
  Reactor reactor;
  Watcher watcher(reactor);
  watcher.pass_beginning();
  watcher.leave();

  reactor.wait(Long);

  EXPECT_NE(watcher.seen & EPOLLRDHUP, 0u);
}

TEST(Reactor, TellsAgainInTheNextRoundWhenAsked) {
  Reactor reactor;
  Watcher watcher(reactor);
  watcher.pass_beginning();
  watcher.then = [&] {
    if (watcher.times == 1) reactor.defer(watcher, EPOLLIN);
  };
  watcher.say("a");

  reactor.wait(Long);
  EXPECT_EQ(watcher.times, 1);
  reactor.wait(Long);

  EXPECT_EQ(watcher.times, 2);
}

TEST(Reactor, TellsNothingToWhomAnotherEndedInTheSameRound) {
  Reactor reactor;
  auto first = std::make_unique<Watcher>(reactor);
  auto second = std::make_unique<Watcher>(reactor);
  first->pass_beginning();
  int told = 0;
  // Whichever is told first ends the other.
  first->then = [&] { ++told, second.reset(); };
  second->then = [&] { ++told, first.reset(); };
  first->say("a");
  second->say("b");

  reactor.wait(Long);

  EXPECT_EQ(told, 1);
}

TEST(Reactor, ForgetsWhatWasToBeToldAgain) {
  Reactor reactor;
  auto watcher = std::make_unique<Watcher>(reactor);
  watcher->pass_beginning();
  reactor.defer(*watcher, EPOLLIN);

  watcher.reset();

  EXPECT_EQ(reactor.wait(milliseconds(0)), Reactor::Woken::No);
}

TEST(Reactor, IsWokenFromAnotherThread) {
  Reactor reactor;
  std::thread other([&] { reactor.wake(); });

  EXPECT_EQ(reactor.wait(Long), Reactor::Woken::Yes);

  other.join();
  EXPECT_EQ(reactor.wait(milliseconds(0)), Reactor::Woken::No);
}

}  // namespace
}  // namespace vdm::proxy::reactor_test
