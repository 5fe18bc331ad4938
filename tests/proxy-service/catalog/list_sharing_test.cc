#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "proxy-service/catalog/kept_lists.h"
#include "tests/fakes/manual_clock.h"
#include "tests/proxy-service/catalog/folder.h"
#include "tests/proxy-service/serve/running_gateway.h"

namespace vdm::proxy::list_sharing_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;

constexpr std::string_view List = R"({"object":"list","data":[{"id":"m","object":"model"}]})";

/// Clients that want the same list at the same time, on one thread, of a provider that
/// answers when it is let.
class ListSharing : public ::testing::Test {
 protected:
  ListSharing()
      : upstream_([this](Peer& peer, int) {
          while (peer.read_message().complete) {
            ++asked_;
            asked_.notify_all();
            answers_.wait(false);
            peer.send(whole_answer(status_, List));
          }
        }) {
    use(upstream_);
  }
  ~ListSharing() override { let_it_answer(); }

  void use(const FakeUpstream& upstream) {
    gateway_.config.providers = {provider_at("open", Dialect::OpenAi, upstream.port())};
    gateway_.on_one_thread();
  }
  void let_it_answer() {
    answers_ = true;
    answers_.notify_all();
  }
  void wait_until_it_is_asked() { asked_.wait(0); }

  /// A client whose request is in hand: what came later has been answered.
  Peer ask(std::string_view target = "/v1/models") {
    Peer client = gateway_.client();
    client.send(get(target));
    EXPECT_EQ(health().status(), 200);
    return client;
  }
  Message health() {
    Peer client = gateway_.client();
    client.send(get("/health"));
    return client.read_message();
  }

  std::atomic<int> asked_{0};
  std::atomic<bool> answers_{false};
  std::atomic<int> status_{200};
  FakeUpstream upstream_;
  Folder folder_;
  ManualClock clock_;
  RunningGateway gateway_;
};

/// A provider that hangs until who asked first has left.
FakeUpstream::Script deaf_to_the_first(std::atomic<int>& asked) {
  return [&asked](Peer& peer, int) {
    while (peer.read_message().complete) {
      if (asked.fetch_add(1) == 0) {
        asked.notify_all();
        EXPECT_TRUE(peer.sees_close_within(10'000));
        return;
      }
      peer.send(whole_answer(200, List));
    }
  };
}

/// A file that is there and whose reading does not end, as on a disk that hangs.
class HangingFile {
 public:
  explicit HangingFile(const std::string& folder) : path_(folder + "/models/open.json") {
    std::filesystem::create_directories(folder + "/models");
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  }
  ~HangingFile() {
    // Whoever reads it comes to its end, and nobody finds it any more.
    const int writer = ::open(path_.c_str(), O_WRONLY | O_NONBLOCK);
    ::unlink(path_.c_str());
    ::close(writer);
  }
  HangingFile(const HangingFile&) = delete;
  HangingFile& operator=(const HangingFile&) = delete;

 private:
  const std::string path_;
};

TEST_F(ListSharing, AsksOnceForAllWhoWantAListAtTheSameTime) {
  gateway_.start();
  Peer first = ask();
  Peer second = ask();
  Peer anew = ask("/v1/models?refresh=true");
  Peer single = ask("/v1/models/m");

  let_it_answer();

  EXPECT_EQ(first.read_message().body, List);
  EXPECT_EQ(second.read_message().body, List);
  EXPECT_EQ(anew.read_message().body, List);
  EXPECT_EQ(single.read_message().body, R"({"id":"m","object":"model"})");
  EXPECT_EQ(asked_, 1);
}

TEST_F(ListSharing, TellsAllWhoWaitThatTheProviderHasFailed) {
  gateway_.start();
  Peer first = ask();
  Peer second = ask();

  status_ = 500;
  let_it_answer();

  EXPECT_EQ(first.read_message().status(), 502);
  EXPECT_EQ(second.read_message().status(), 502);
  EXPECT_EQ(asked_, 1);
}

TEST_F(ListSharing, AnswersWithWhatIsKeptWhileSomebodyAsksAnew) {
  gateway_.start();
  let_it_answer();
  ask().read_message();
  answers_ = false;
  Peer anew = ask("/v1/models?refresh=true");

  EXPECT_EQ(ask().read_message().body, List);

  let_it_answer();
  EXPECT_EQ(anew.read_message().body, List);
  EXPECT_EQ(asked_, 2);
}

TEST_F(ListSharing, GoesOnWhenTheFirstWhoAskedLeaves) {
  FakeUpstream upstream(deaf_to_the_first(asked_));
  use(upstream);
  gateway_.start();
  Peer first = ask();
  Peer second = ask();
  Peer third = ask();
  wait_until_it_is_asked();

  first.close();

  EXPECT_EQ(second.read_message().body, List);
  EXPECT_EQ(third.read_message().body, List);
  EXPECT_EQ(asked_, 2);
  gateway_.stop();
}

TEST_F(ListSharing, DoesNotMissOneOfThoseWhoWait) {
  gateway_.start();
  Peer first = ask();
  Peer second = ask();
  Peer third = ask();

  second.close();
  EXPECT_EQ(health().status(), 200);
  let_it_answer();

  EXPECT_EQ(first.read_message().body, List);
  EXPECT_EQ(third.read_message().body, List);
  EXPECT_EQ(asked_, 1);
}

TEST_F(ListSharing, EndsForAllWhenTheGatewayDoes) {
  gateway_.start();
  Peer first = ask();
  Peer second = ask();
  Peer third = ask();

  gateway_.gateway().drain();
  gateway_.gateway().end_all();

  EXPECT_EQ(first.read_message().status(), 503);
  EXPECT_EQ(second.read_message().status(), 503);
  EXPECT_EQ(third.read_message().status(), 503);
  EXPECT_LE(asked_, 1);
}

TEST_F(ListSharing, ServesWhileTheDiskHangs) {
  gateway_.config.data_dir = folder_.path();
  gateway_.clock = &clock_;
  const HangingFile file(folder_.path());
  gateway_.start();
  let_it_answer();

  Peer first = ask();
  Peer second = ask();
  EXPECT_EQ(asked_, 0) << "the disk may still have it";
  clock_.advance(KeptLists::DiskWaitMax);

  EXPECT_EQ(first.read_message().body, List);
  EXPECT_EQ(second.read_message().body, List);
  EXPECT_EQ(asked_, 1);
}

TEST_F(ListSharing, LetsAnotherGoOnWhoseFirstLeftWhileTheDiskHangs) {
  gateway_.config.data_dir = folder_.path();
  gateway_.clock = &clock_;
  const HangingFile file(folder_.path());
  gateway_.start();
  let_it_answer();
  Peer first = ask();
  Peer second = ask();

  first.close();
  EXPECT_EQ(health().status(), 200);
  clock_.advance(KeptLists::DiskWaitMax);

  EXPECT_EQ(second.read_message().body, List);
}

}  // namespace
}  // namespace vdm::proxy::list_sharing_test
