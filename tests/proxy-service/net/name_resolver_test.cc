#include "proxy-service/net/name_resolver.h"

#include <gtest/gtest.h>

#include <functional>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/fake_name.h"
#include "tests/fakes/manual_clock.h"

namespace vdm::proxy::name_resolver_test {
namespace {

using fakes::FakeName;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr milliseconds Long{10'000};
constexpr seconds ConnectTimeout{5};

void log_fault(std::exception_ptr) { ADD_FAILURE() << "nothing was to be thrown"; }

/// What an I/O thread has to ask for names.
struct Asker {
  explicit Asker(NameResolver& resolver) : names(resolver, reactor) {}

  Reactor reactor;
  NameClient names;
};

/// Somebody who asks for a name, as a session does. It leaves when it ends.
class Question {
 public:
  Question(Asker& asker, std::string host, const Clock& clock)
      : asker_(asker), host_(std::move(host)), now_(clock.monotonic()) {
    run_detached(ask(), log_fault);
  }
  ~Question() { leave(); }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  bool has_ended() const { return answer_.has_value(); }
  void leave() { wait_point_.interrupt(Interrupt::ClientGone); }
  /// The thread's tick, when so much time has passed.
  void tick_after(milliseconds time) { wait_point_.tick(now_ + time); }
  /// The answer, once it has come.
  NameAnswer answer() {
    const SystemClock clock;
    const MonotonicTime give_up = clock.monotonic() + Long;
    while (!has_ended() && clock.monotonic() < give_up) asker_.reactor.wait(Long);
    EXPECT_TRUE(has_ended()) << host_;
    return answer_.value_or(NameAnswer{});
  }
  /// The addresses that have come, with blanks between; or the fault.
  std::string text() {
    const NameAnswer all = answer();
    if (!all.addresses) return all.fault;
    std::string text;
    for (const auto& each : *all.addresses) {
      text.append(text.empty() ? "" : " ").append(each.to_string());
    }
    return text;
  }
  std::function<void()> then;

 private:
  Task<void> ask() {
    const MonotonicTime until = now_ + ConnectTimeout;
    answer_ = co_await asker_.names.resolve(host_, wait_point_, now_, until);
    if (then) then();
  }

  Asker& asker_;
  const std::string host_;
  const MonotonicTime now_;
  WaitPoint wait_point_;
  std::optional<NameAnswer> answer_;
};

class NameResolverTest : public ::testing::Test {
 protected:
  std::string ask(const std::string& host) { return Question(asker_, host, clock_).text(); }
  bool fails(const std::string& host) {
    const NameAnswer answer = Question(asker_, host, clock_).answer();
    return !answer.addresses && !answer.fault.empty();
  }
  /// Has a name looked up with success, and its answer grow old.
  void know(FakeName& name, const std::string& address) {
    name.lead_to({address});
    EXPECT_EQ(ask(name.text()), address);
    clock_.advance(NameResolver::AnswerKept);
  }
  /// As many look-ups that hang as there can be at once.
  void hang(std::size_t look_ups) {
    for (std::size_t i = 0; i < look_ups; ++i) {
      auto& name =
          hung_.emplace_back(std::make_unique<FakeName>("hung" + std::to_string(i) + ".invalid"));
      name->hold();
      questions_.push_back(std::make_unique<Question>(asker_, name->text(), clock_));
      if (i < NameResolver::ThreadsMax) name->wait_until_asked();
    }
  }

  ManualClock clock_;
  NameResolver resolver_{clock_};
  Asker asker_{resolver_};
  std::vector<std::unique_ptr<FakeName>> hung_;
  std::vector<std::unique_ptr<Question>> questions_;
};

TEST_F(NameResolverTest, GivesAllAddressesInTheSystemsOrder) {
  FakeName name("several.invalid");
  name.lead_to({"192.0.2.7", "192.0.2.1"});

  EXPECT_EQ(ask(name.text()), "192.0.2.7 192.0.2.1");
}

TEST_F(NameResolverTest, TakesAnAddressForItself) {
  EXPECT_EQ(ask("192.0.2.9"), "192.0.2.9");
  EXPECT_EQ(ask("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(resolver_.names(), 0u);
}

TEST_F(NameResolverTest, LooksUpOnceWhatTwoThreadsAskForMeanwhile) {
  constexpr int PerThread = 5;
  FakeName name("shared.invalid");
  name.lead_to({"192.0.2.1"});
  name.hold();
  std::latch asked(2);
  std::atomic<int> answered{0};
  const auto run = [&] {
    Asker asker(resolver_);
    std::vector<std::unique_ptr<Question>> questions;
    for (int i = 0; i < PerThread; ++i) {
      questions.push_back(std::make_unique<Question>(asker, name.text(), clock_));
    }
    asked.count_down();
    for (const auto& question : questions) answered += question->text() == "192.0.2.1" ? 1 : 0;
  };

  std::thread first(run);
  std::thread second(run);
  asked.wait();
  name.let_go();
  first.join();
  second.join();

  EXPECT_EQ(answered, 2 * PerThread);
  EXPECT_EQ(name.asked(), 1);
}

TEST_F(NameResolverTest, LooksUpANameAgainWhenItsAnswerIsOld) {
  FakeName name("old.invalid");
  name.lead_to({"192.0.2.1"});
  ask(name.text());
  name.lead_to({"192.0.2.2"});

  clock_.advance(NameResolver::AnswerKept - milliseconds(1));
  EXPECT_EQ(ask(name.text()), "192.0.2.1");
  clock_.advance(milliseconds(1));
  EXPECT_EQ(ask(name.text()), "192.0.2.2");
}

TEST_F(NameResolverTest, LooksUpANameAgainWhereNoConnectionCameAbout) {
  FakeName name("moved.invalid");
  name.lead_to({"192.0.2.1"});
  ask(name.text());
  name.lead_to({"192.0.2.2"});

  asker_.names.mark_stale(name.text());
  EXPECT_EQ(ask(name.text()), "192.0.2.1");  // not for every connection that fails
  clock_.advance(NameResolver::FailureKept);
  EXPECT_EQ(ask(name.text()), "192.0.2.2");
}

TEST_F(NameResolverTest, RemembersAFailureForAShortTime) {
  FakeName name("dead.invalid");

  EXPECT_TRUE(fails(name.text()));
  EXPECT_TRUE(fails(name.text()));
  EXPECT_EQ(name.asked(), 1);

  clock_.advance(NameResolver::FailureKept);
  EXPECT_TRUE(fails(name.text()));
  EXPECT_EQ(name.asked(), 2);
}

TEST_F(NameResolverTest, UsesTheLastGoodAddressWhenALookUpFailsAndLogsItOnce) {
  FakeName name("failing.invalid");
  know(name, "192.0.2.1");
  name.lead_to({});

  ::testing::internal::CaptureStderr();
  EXPECT_EQ(ask(name.text()), "192.0.2.1");
  clock_.advance(NameResolver::FailureKept);
  EXPECT_EQ(ask(name.text()), "192.0.2.1");
  const std::string log = ::testing::internal::GetCapturedStderr();

  EXPECT_EQ(name.asked(), 3);
  const std::size_t logged = log.find("last good address");
  EXPECT_NE(logged, std::string::npos);
  EXPECT_EQ(log.find("last good address", logged + 1), std::string::npos);
}

TEST_F(NameResolverTest, UsesNoAddressThatWasGoodTooLongAgo) {
  FakeName name("gone.invalid");
  know(name, "192.0.2.1");
  name.lead_to({});

  clock_.advance(NameResolver::LastGoodKept);

  EXPECT_TRUE(fails(name.text()));
}

TEST_F(NameResolverTest, UsesTheLastGoodAddressWhileALookUpHangs) {
  FakeName name("hanging.invalid");
  know(name, "192.0.2.1");
  name.hold();
  Question question(asker_, name.text(), clock_);
  name.wait_until_asked(2);

  question.tick_after(NameResolver::WaitMax - milliseconds(1));
  EXPECT_FALSE(question.has_ended());
  question.tick_after(NameResolver::WaitMax);
  EXPECT_TRUE(question.has_ended());
  EXPECT_EQ(question.text(), "192.0.2.1");

  clock_.advance(NameResolver::WaitMax);
  EXPECT_TRUE(Question(asker_, name.text(), clock_).has_ended());  // who comes later does not wait
}

TEST_F(NameResolverTest, DelaysNobodyElseByASlowName) {
  hang(NameResolver::ThreadsMax - 1);
  FakeName name("quick.invalid");
  name.lead_to({"192.0.2.1"});

  EXPECT_EQ(ask(name.text()), "192.0.2.1");
  EXPECT_FALSE(questions_.front()->has_ended());
}

TEST_F(NameResolverTest, HasNamesWaitForAThreadWhenAllHang) {
  FakeName known("known.invalid");
  know(known, "192.0.2.1");
  FakeName unknown("unknown.invalid");
  unknown.lead_to({"192.0.2.2"});
  hang(NameResolver::ThreadsMax);
  Question served(asker_, known.text(), clock_);
  Question late(asker_, unknown.text(), clock_);
  Question in_time(asker_, unknown.text(), clock_);

  served.tick_after(NameResolver::WaitMax);
  late.tick_after(ConnectTimeout);
  EXPECT_EQ(served.text(), "192.0.2.1");
  EXPECT_EQ(late.text(), "");
  EXPECT_EQ(unknown.asked(), 0);
  hung_.front()->let_go();

  EXPECT_EQ(in_time.text(), "192.0.2.2");
}

TEST_F(NameResolverTest, AnswersTheOthersWhenOneWhoWaitsLeaves) {
  FakeName name("left.invalid");
  name.lead_to({"192.0.2.1"});
  name.hold();
  auto leaving = std::make_unique<Question>(asker_, name.text(), clock_);
  Question staying(asker_, name.text(), clock_);

  leaving->leave();
  EXPECT_TRUE(leaving->has_ended());
  leaving.reset();
  name.let_go();

  EXPECT_EQ(staying.text(), "192.0.2.1");
}

TEST_F(NameResolverTest, WakesNobodyWhomAnotherEndedInTheSameRound) {
  FakeName name("ending.invalid");
  name.lead_to({"192.0.2.1"});
  name.hold();
  auto first = std::make_unique<Question>(asker_, name.text(), clock_);
  auto second = std::make_unique<Question>(asker_, name.text(), clock_);
  first->then = [&] { second.reset(); };

  name.let_go();

  EXPECT_EQ(first->text(), "192.0.2.1");
  EXPECT_EQ(second, nullptr);
}

TEST_F(NameResolverTest, LosesTheAnswerOfAThreadThatHasEnded) {
  FakeName name("late.invalid");
  name.lead_to({"192.0.2.1"});
  name.hold();
  auto ending = std::make_unique<Asker>(resolver_);
  auto question = std::make_unique<Question>(*ending, name.text(), clock_);
  Question staying(asker_, name.text(), clock_);

  question.reset();
  ending.reset();
  name.let_go();

  EXPECT_EQ(staying.text(), "192.0.2.1");
}

TEST_F(NameResolverTest, ForgetsTheNameThatWasNotAskedForLongest) {
  FakeName oldest("oldest.invalid");
  know(oldest, "192.0.2.1");
  for (std::size_t i = 0; i < NameResolver::NamesMax; ++i) {
    FakeName name("name" + std::to_string(i) + ".invalid");
    clock_.advance(milliseconds(1));
    EXPECT_TRUE(fails(name.text()));
  }

  EXPECT_EQ(resolver_.names(), NameResolver::NamesMax);
  oldest.lead_to({});
  EXPECT_TRUE(fails(oldest.text()));  // its last good address is forgotten, too
}

TEST_F(NameResolverTest, ForgetsNamesThatNobodyAsksForWhenAnotherComes) {
  FakeName old("unused.invalid");
  know(old, "192.0.2.1");
  clock_.advance(hours(24));
  FakeName name("used.invalid");

  EXPECT_TRUE(fails(name.text()));

  EXPECT_EQ(resolver_.names(), 1u);
}

TEST_F(NameResolverTest, RefusesAnotherNameWhenAllAreBeingLookedUp) {
  hang(NameResolver::NamesMax);

  EXPECT_EQ(ask("one-more.invalid"), "too many names are being looked up");
  EXPECT_EQ(resolver_.names(), NameResolver::NamesMax);
}

TEST(NameResolver, EndsWhileALookUpHangs) {
  FakeName name("for-ever.invalid");
  name.hold();
  {
    const ManualClock clock;
    NameResolver resolver(clock);
    Asker asker(resolver);
    const Question question(asker, name.text(), clock);
    name.wait_until_asked();
  }

  name.let_go();  // its thread finds that nobody is left

  EXPECT_EQ(name.asked(), 1);
}

}  // namespace
}  // namespace vdm::proxy::name_resolver_test
