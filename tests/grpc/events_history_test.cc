#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "metrics-service/store/sqlite_history.h"
#include "tests/fakes/released.h"
#include "tests/grpc/events_rig.h"

// Subscribers whose cursor is of an earlier process of the service.

namespace vdm::metrics {
namespace {

/// The service over several lives on one folder.
class Lives {
  template <class Work>
  auto on_owner(Work work) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    boost::asio::post(*context_, [&task] { task(); });
    return result.get();
  }

 public:
  Lives() { begin(); }
  ~Lives() { end(); }

  /// As kill -9 and a start do, once all is committed.
  void restart() {
    end();
    begin();
  }
  void report(std::vector<Event> events) {
    std::promise<void> committed;
    on_owner([&] {
      pipeline_->report(Instance, next_seq_, events,
                        [&committed](std::uint64_t) { committed.set_value(); });
      next_seq_ += events.size();
    });
    committed.get_future().wait();
  }
  std::string cursor() {
    return on_owner([this] { return tracker_->cursor().text(); });
  }

  /// What a subscriber from that cursor gets, up to the end of `last`; empty: up to
  /// a snapshot.
  std::vector<std::string> told(const std::string& cursor, std::vector<v1::EventKind> kinds,
                                const std::string& last) {
    const auto stub = v1::Events::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::SubscribeRequest request;
    request.set_cursor(cursor);
    for (const v1::EventKind kind : kinds) request.mutable_filter()->add_kinds(kind);
    const auto reader = stub->Subscribe(&context, request);
    std::vector<std::string> seen;
    v1::SubscribeReply reply;
    while (reader->Read(&reply)) {
      cursors.push_back(reply.cursor());
      if (reply.has_reset()) seen.push_back("reset " + std::to_string(reply.reset().lost()));
      if (reply.has_snapshot()) seen.emplace_back("snapshot");
      if (reply.has_snapshot() && last.empty()) break;
      if (!reply.has_event()) continue;
      const v1::LiveEvent& event = reply.event();
      if (event.has_started()) seen.push_back("+" + event.started().facts().request_id());
      if (event.has_progressed()) seen.push_back("." + event.progressed().request_id());
      if (!event.has_ended()) continue;
      seen.push_back("-" + event.ended().facts().request_id());
      if (event.ended().facts().request_id() == last) break;
    }
    context.TryCancel();
    return seen;
  }
  std::vector<std::string> cursors;

 private:
  void begin() {
    context_ = std::make_unique<boost::asio::io_context>(1);
    work_.emplace(context_->get_executor());
    SqliteHistoryOptions options;
    options.directory = folder_.path();
    options.group_wait = std::chrono::milliseconds(1);
    store_ = std::make_unique<SqliteHistory>(options, clock_, [this](std::function<void()> work) {
      boost::asio::post(*context_, std::move(work));
    });
    const HistoryStart start = store_->open();
    LocalLogOptions log;
    log.block = start.block;
    log.is_reserved = start.is_reserved;
    log_ = std::make_unique<LocalLog>(log, clock_);
    tracker_ =
        std::make_unique<Tracker>(TrackerOptions{.epoch = start.block.epoch, .events_max = 1000});
    pipeline_ = std::make_unique<Pipeline>(*tracker_, *log_, *store_, clock_);
    std::promise<void> restored;
    pipeline_->restore(start, [&](std::uint64_t) { restored.set_value(); });
    thread_ = std::jthread([this] { context_->run(); });
    restored.get_future().wait();
    EventsOptions events;
    events.address = "127.0.0.1:0";
    server_ = *EventsServer::start(context_->get_executor(), *pipeline_, clock_, events);
    on_owner([this] {
      pipeline_->hello({.instance_id = Instance, .proxy_name = "proxy-1", .version = "1"});
    });
  }
  void end() {
    server_.reset();
    store_->close();
    work_.reset();
    thread_.join();
    pipeline_.reset();
    log_.reset();
    store_.reset();
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  std::unique_ptr<boost::asio::io_context> context_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::unique_ptr<SqliteHistory> store_;
  std::unique_ptr<LocalLog> log_;
  std::unique_ptr<Tracker> tracker_;
  std::unique_ptr<Pipeline> pipeline_;
  std::jthread thread_;
  std::unique_ptr<EventsServer> server_;
  std::uint64_t next_seq_ = 1;
};

Event end_of(const std::string& id) {
  return Ended{.facts = facts(id), .outcome = Outcome::Ok, .http_status = 200};
}
Event start_of(const std::string& id) { return Started{facts(id)}; }

using Seen = std::vector<std::string>;

TEST(EventsHistory, GivesEveryEndOfEarlierLivesToWhoTakesEndsAlone) {
  Lives lives;
  lives.report({end_of("before")});
  const std::string cursor = lives.cursor();
  lives.report({start_of("a"), end_of("a")});
  lives.restart();
  lives.report({start_of("b"), end_of("b")});
  lives.restart();
  lives.report({start_of("c"), end_of("c")});

  EXPECT_EQ(lives.told(cursor, {v1::EVENT_KIND_ENDED}, "c"), (Seen{"-a", "-b", "-c"}));
}

TEST(EventsHistory, CountsExactlyWhatIsNotKept) {
  Lives lives;
  const std::string cursor = lives.cursor();
  lives.report({start_of("a"), start_of("b"), end_of("a")});
  lives.restart();  // the proxy's Hello is an event, too
  lives.report({end_of("c")});

  // Two starts. The end is told; what the second life was told comes behind the snapshot.
  EXPECT_EQ(lives.told(cursor, {}, ""), (Seen{"-a", "reset 2", "snapshot"}));
  // The same when the reader breaks off behind the end and comes back.
  EXPECT_EQ(lives.told(cursor, {}, "a"), Seen{"-a"});
  EXPECT_EQ(lives.told(lives.cursors.back(), {}, "c"), (Seen{"reset 2", "snapshot", "-c"}));
}

TEST(EventsHistory, GoesOnInTheMiddleOfManyPages) {
  Lives lives;
  const std::string cursor = lives.cursor();
  Seen expected;
  for (int batch = 0; batch < 30; ++batch) {
    std::vector<Event> events;
    for (int i = 0; i < 100; ++i) {
      events.push_back(end_of("r" + std::to_string(batch * 100 + i)));
      expected.push_back("-r" + std::to_string(batch * 100 + i));
    }
    lives.report(events);
  }

  EXPECT_EQ(lives.told(cursor, {v1::EVENT_KIND_ENDED}, "r2999"), expected) << "past the ring, too";
  const std::string middle = lives.cursors.at(1700);
  lives.restart();
  expected.erase(expected.begin(), expected.begin() + 1701);
  EXPECT_EQ(lives.told(middle, {v1::EVENT_KIND_ENDED}, "r2999"), expected);
}

TEST(EventsHistory, ServesACursorBeyondTheLastCommitFromThere) {
  Lives lives;
  lives.report({end_of("a")});
  const Cursor cursor = *Cursor::parse(lives.cursor());
  lives.restart();
  lives.report({end_of("b")});
  const Cursor beyond{cursor.epoch, cursor.revision + (std::uint64_t{1} << 40), 5};

  EXPECT_EQ(lives.told(beyond.text(), {v1::EVENT_KIND_ENDED}, "b"), Seen{"-b"});
}

}  // namespace
}  // namespace vdm::metrics
