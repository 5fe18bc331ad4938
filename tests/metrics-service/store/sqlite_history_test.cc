#include "metrics-service/store/sqlite_history.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "tests/fakes/manual_clock.h"
#include "tests/fakes/posted_work.h"
#include "tests/metrics-service/config/extremes.h"
#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics::sqlite_history_test {
namespace {

namespace fs = std::filesystem;
using namespace scenario;
using namespace std::chrono_literals;

LiveEventPtr row(std::uint64_t seq, LiveEvent::Kind kind, FactsPtr about) {
  LiveEvent event;
  event.seq = seq;
  event.proxy = std::make_shared<const std::string>("proxy-1");
  event.instance_id = std::make_shared<const std::string>(Proxy);
  event.applied = at(1000).wall;
  event.facts = std::move(about);
  event.kind = std::move(kind);
  return std::make_shared<const LiveEvent>(std::move(event));
}

LogBatch batch_of(std::uint64_t watermark, std::vector<LiveEventPtr> rows) {
  return LogBatch{
      .instance_id = Proxy, .proxy = "proxy-1", .watermark = watermark, .rows = std::move(rows)};
}
LogBatch ends(std::uint64_t from, std::uint64_t to) {
  std::vector<LiveEventPtr> rows;
  for (auto seq = from; seq <= to; ++seq) {
    const auto about = facts("r" + std::to_string(seq));
    rows.push_back(row(seq, end_of(about), about));
  }
  return batch_of(to, std::move(rows));
}

class SqliteHistoryTest : public ::testing::Test {
 protected:
  SqliteHistoryTest() {
    std::string pattern = (fs::temp_directory_path() / "vdm-log-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~SqliteHistoryTest() override { fs::remove_all(directory_); }

  std::unique_ptr<SqliteHistory> open(std::size_t rows_queued_max = 100'000) {
    SqliteHistoryOptions options;
    options.directory = directory_;
    options.retention_days = 3;
    options.rows_queued_max = rows_queued_max;
    options.group_wait = 1ms;
    options.retry_after = 5ms;
    return std::make_unique<SqliteHistory>(options, clock_, owner_.post());
  }

  struct Found {
    HistoryStart start;
    std::vector<LiveEvent> rows;
    std::map<std::string, std::uint64_t> watermarks;
  };
  /// What a new process finds.
  Found replay(SqliteHistory& log, const Checkpoint* from = nullptr) {
    Found found;
    bool done = false;
    found.start = log.open();
    for (const StoredWatermark& mark : log.watermarks(from)) {
      auto& seq = found.watermarks[mark.instance_id];
      seq = std::max(seq, mark.seq);
    }
    log.restore(from, {.rows =
                           [&](const std::vector<LiveEventPtr>& rows) {
                             for (const LiveEventPtr& row : rows) found.rows.push_back(*row);
                           },
                       .done = [&] { done = true; }});
    owner_.run_until(done);
    return found;
  }
  void append_and_wait(SqliteHistory& log, LogBatch batch) {
    bool committed = false;
    ASSERT_EQ(log.append(std::move(batch), [&] { committed = true; }), AppendResult::Accepted);
    owner_.run(1);
    ASSERT_TRUE(committed);
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("history-")) names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
  }

  fs::path directory_;
  ManualClock clock_;  // 2025-11-24
  PostedWork owner_;
};

TEST_F(SqliteHistoryTest, KeepsTodayWhateverTheDaysOfRetention) {
  std::uint64_t next = 1;
  for (const std::int64_t days : extremes_of("VDM_RETENTION_DAYS")) {
    SqliteHistoryOptions options;
    options.directory = directory_;
    options.retention_days = static_cast<int>(days);
    options.group_wait = 1ms;
    {
      SqliteHistory log(options, clock_, owner_.post());
      replay(log);
      append_and_wait(log, ends(next, next));
    }

    SqliteHistory later(options, clock_, owner_.post());
    EXPECT_EQ(replay(later).rows.size(), next) << days;
    ++next;
  }
}

TEST_F(SqliteHistoryTest, GivesBackEveryFieldAfterARestart) {
  RequestFacts about = *facts("full");
  about.client_dialect = Dialect::Anthropic;
  about.upstream_dialect = Dialect::OpenAi;
  about.user_agent = "agent \"quoted\" \n\xc3\xa9";
  about.client_label = "0123456789ab";
  about.session_id = "s";
  about.agent_id = "a";
  about.trace_id = "t";
  about.attempt_group = "g";
  about.request_bytes = 1ull << 40;
  about.tool_use_count = 2;
  about.tool_result_count = 3;
  const auto shared = std::make_shared<const RequestFacts>(about);
  Ended ended = end_of(shared, Outcome::Timeout);
  ended.error_type = "upstream_timeout";
  ended.error_message = "no first byte";
  ended.usage.cache_read_tokens = 7;
  ended.usage.cache_creation_tokens = 8;
  ended.usage.reasoning_tokens = 9;
  ended.usage.output_estimated = true;
  ended.tool_call_count = 4;
  ended.finish_reason = "length";
  ended.response_bytes = 99;
  ended.overhead = 123us;
  ended.attempts = {Attempt{.provider = "p",
                            .resolved_model = "m",
                            .http_status = 503,
                            .error_type = "overloaded",
                            .started_after = 1us,
                            .connected_after = 2us,
                            .first_byte_after = 3us,
                            .ended_after = 4us,
                            .connection_reused = true}};
  {
    auto log = open();
    append_and_wait(*log, batch_of(1, {row(1, ended, shared)}));
  }

  auto log = open();
  const Found found = replay(*log);

  ASSERT_EQ(found.rows.size(), 1u);
  const LiveEvent& back = found.rows[0];
  const auto& read = std::get<Ended>(back.kind);
  EXPECT_EQ(back.seq, 1u);
  EXPECT_EQ(*back.proxy, "proxy-1");
  EXPECT_EQ(*back.instance_id, Proxy);
  EXPECT_EQ(back.applied, at(1000).wall);
  EXPECT_EQ(*read.facts, about);
  EXPECT_EQ(read.outcome, ended.outcome);
  EXPECT_EQ(read.http_status, ended.http_status);
  EXPECT_EQ(read.error_type, ended.error_type);
  EXPECT_EQ(read.error_message, ended.error_message);
  EXPECT_EQ(read.duration, ended.duration);
  EXPECT_EQ(read.ttft, ended.ttft);
  EXPECT_EQ(read.usage, ended.usage);
  EXPECT_EQ(read.tool_call_count, ended.tool_call_count);
  EXPECT_EQ(read.finish_reason, ended.finish_reason);
  EXPECT_EQ(read.response_bytes, ended.response_bytes);
  EXPECT_EQ(read.overhead, ended.overhead);
  EXPECT_EQ(read.attempts, ended.attempts);
}

TEST_F(SqliteHistoryTest, KeepsGapsLossesAndWatermarksInOrder) {
  const auto about = facts("lost");
  {
    auto log = open();
    append_and_wait(*log, batch_of(0, {row(0, Lost{about, true}, about)}));
    const Gap gap{.from_seq = 5, .to_seq = 9, .ended_count = 2};
    append_and_wait(*log, batch_of(9, {row(5, gap, nullptr)}));
    append_and_wait(*log, ends(10, 11));
  }

  auto log = open();
  const Found found = replay(*log);

  ASSERT_EQ(found.rows.size(), 4u);
  EXPECT_TRUE(std::get<Lost>(found.rows[0].kind).reconciled);
  EXPECT_EQ(std::get<Gap>(found.rows[1].kind), (Gap{.from_seq = 5, .to_seq = 9, .ended_count = 2}));
  EXPECT_EQ(found.rows[3].facts->request_id, "r11");
  EXPECT_EQ(found.watermarks.at(Proxy), 11u);
}

TEST_F(SqliteHistoryTest, KeepsARowThatComesTwiceOnceEvenOnAnotherDay) {
  {
    auto log = open();
    append_and_wait(*log, ends(1, 3));
    append_and_wait(*log, ends(1, 3));
    clock_.advance(24h);
    append_and_wait(*log, ends(2, 4));
  }

  auto log = open();
  EXPECT_EQ(replay(*log).rows.size(), 4u);
  const auto names = files();
  EXPECT_EQ(std::ranges::count_if(names, [](const auto& n) { return n.ends_with(".sqlite"); }), 2);
}

TEST_F(SqliteHistoryTest, ForgetsDaysPastTheirTime) {
  {
    auto log = open();
    append_and_wait(*log, ends(1, 1));
    clock_.advance(24h * 3);
    append_and_wait(*log, ends(2, 2));
    clock_.advance(24h);
    append_and_wait(*log, ends(3, 3));
    EXPECT_TRUE(fs::exists(directory_ / "history-2025-11-24.sqlite")) << "the clock may be wrong";
    clock_.advance(24h);
    append_and_wait(*log, ends(4, 4));
  }

  EXPECT_FALSE(fs::exists(directory_ / "history-2025-11-24.sqlite"));
  EXPECT_TRUE(fs::exists(directory_ / "history-2025-11-27.sqlite"));
  EXPECT_TRUE(fs::exists(directory_ / "history-2025-11-28.sqlite"));
}

TEST_F(SqliteHistoryTest, SetsADamagedFileAsideAndSaysSo) {
  std::ofstream(directory_ / "history-2025-11-24.sqlite") << std::string(8192, 'x');
  auto log = open();

  EXPECT_TRUE(replay(*log).rows.empty());

  ASSERT_EQ(log->degraded().size(), 1u);
  EXPECT_NE(log->degraded()[0].find("history-2025-11-24.sqlite"), std::string::npos);
  append_and_wait(*log, ends(1, 2));
  log->close();
  const auto names = files();
  EXPECT_EQ(std::ranges::count_if(names, [](const auto& n) { return n.find(".bad-") != n.npos; }),
            1);
  auto again = open();
  EXPECT_EQ(replay(*again).rows.size(), 2u);
}

TEST_F(SqliteHistoryTest, KeepsWhatIsDamagedWhileItIsWrittenTo) {
  auto log = open();
  append_and_wait(*log, ends(1, 1));
  log->close();
  {
    std::fstream file(directory_ / "history-2025-11-24.sqlite",
                      std::ios::in | std::ios::out | std::ios::binary);
    file << std::string(100, 'x');
  }
  auto next = open();
  append_and_wait(*next, ends(2, 2));

  EXPECT_EQ(next->degraded().size(), 1u);
  const auto names = files();
  EXPECT_TRUE(std::ranges::any_of(names, [](const auto& n) { return n.find(".bad-") != n.npos; }));
}

TEST_F(SqliteHistoryTest, WaitsWhileTheDiskFailsAndCommitsWhenItRecovers) {
  fs::remove_all(directory_);
  std::ofstream(directory_) << "a file where the directory should be";
  auto log = open();
  bool committed = false;
  ASSERT_EQ(log->append(ends(1, 2), [&] { committed = true; }), AppendResult::Accepted);
  while (log->degraded().empty()) std::this_thread::yield();
  EXPECT_FALSE(committed);

  fs::remove(directory_);
  owner_.run(1);

  EXPECT_TRUE(committed);
  while (!log->degraded().empty()) std::this_thread::yield();
  log->close();
  auto again = open();
  EXPECT_EQ(replay(*again).rows.size(), 2u);
}

TEST_F(SqliteHistoryTest, RefusesAnInstanceFromItsFirstRefusedBatchUntilItSendsAgain) {
  fs::remove_all(directory_);
  std::ofstream(directory_) << "a file where the directory should be";
  auto log = open(10);
  std::vector<std::uint64_t> committed;
  const auto append = [&](std::uint64_t from, std::uint64_t to) {
    return log->append(ends(from, to), [&committed, to] { committed.push_back(to); });
  };
  EXPECT_EQ(append(1, 4), AppendResult::Accepted);
  while (log->degraded().empty()) std::this_thread::yield();
  EXPECT_EQ(append(5, 20), AppendResult::NotNow) << "no room";
  EXPECT_EQ(append(21, 21), AppendResult::NotNow) << "there is room, but not for a hole";

  fs::remove(directory_);
  owner_.run(1);
  while (append(22, 22) == AppendResult::NotNow) std::this_thread::yield();
  EXPECT_EQ(append(22, 22), AppendResult::Resend);
  log->resume(Proxy);
  EXPECT_EQ(append(5, 8), AppendResult::Accepted);
  owner_.run(1);

  EXPECT_EQ(committed, (std::vector<std::uint64_t>{4, 8}));
}

TEST_F(SqliteHistoryTest, WritesWhatIsQueuedBeforeItCloses) {
  {
    auto log = open();
    for (std::uint64_t seq = 1; seq <= 500; ++seq) log->append(ends(seq, seq), nullptr);
  }

  auto log = open();
  EXPECT_EQ(replay(*log).rows.size(), 500u);
}

}  // namespace
}  // namespace vdm::metrics::sqlite_history_test
