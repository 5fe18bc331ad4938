#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/fakes/descriptor_limit.h"
#include "tests/fakes/released.h"
#include "tests/metrics-service/store/service_life.h"

// Totals equal history, or the service says that they may not.

namespace vdm::metrics::books_test {
namespace {

namespace fs = std::filesystem;
using namespace scenario;
using namespace std::chrono_literals;

class Books : public ::testing::Test {
 protected:
  std::unique_ptr<ServiceLife> service() {
    clock_.advance(1s);
    return std::make_unique<ServiceLife>(folder_.path(), clock_);
  }
  /// A life that reports so many ends and then crashes.
  void report(std::uint64_t ends, const std::string& name = "r") {
    const auto running = service();
    running->restored();
    running->begin_at(next_seq_);
    std::vector<Event> events;
    for (std::uint64_t i = 0; i < ends; ++i) {
      events.push_back(ended(name + std::to_string(i)));
      if (events.size() < 500 && i + 1 < ends) continue;
      running->report(std::exchange(events, {}));
    }
    next_seq_ = running->next_seq();
    running->crash();
  }
  std::string today() const {
    return folder_.path() / ("history-" + HistoryDays::day_of(clock_.wall()) + ".sqlite");
  }
  void sql(const std::string& path, const std::string& statements) {
    auto database = sqlite::Database::open(path);
    ASSERT_TRUE(database) << database.error().message;
    const auto done = database->run(statements.c_str());
    ASSERT_TRUE(done) << done.error().message;
  }
  static void overwrite(const std::string& path, std::streamoff at, std::size_t bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << std::string(bytes, '\x5a');
  }
  std::int64_t rows_in(const std::string& path) {
    auto database = *sqlite::Database::open(path);
    auto query = *sqlite::Statement::prepare(database, "SELECT count(*) FROM events");
    EXPECT_TRUE(query.step());
    return query.read_number();
  }
  static bool says(ServiceLife& running, const std::string& word) {
    const auto reasons = running.store().degraded();
    return std::ranges::any_of(
        reasons, [&](const std::string& reason) { return reason.find(word) != reason.npos; });
  }
  /// Waits for what the store's own threads find.
  static void until_said(ServiceLife& running, const std::string& word) {
    while (!says(running, word)) std::this_thread::yield();
  }
  std::size_t set_aside() const {
    const auto names = folder_.names();
    return static_cast<std::size_t>(std::ranges::count_if(names, [](const std::string& name) {
      return name.find(".bad-") != name.npos && !name.ends_with("-wal") && !name.ends_with("-shm");
    }));
  }

  TemporaryFolder folder_;
  ManualClock clock_;
  std::uint64_t next_seq_ = 1;
};

TEST_F(Books, SaveWhatIsWholeOfAFileWithADamagedPageAndSayItAtEveryStart) {
  report(5'000);
  const std::string day = today();
  const auto bytes = static_cast<std::streamoff>(fs::file_size(day));
  overwrite(day, bytes / 2 / 4096 * 4096, 8192);
  clock_.advance(24h);

  std::uint64_t saved = 0;
  {
    const auto later = service();
    saved = later->restored();
    EXPECT_TRUE(says(*later, "rows were saved"));
    EXPECT_EQ(later->tracker().counts().ended, saved);
    EXPECT_GT(saved, 4'500u) << "two pages of some nine rows, and what hangs on them";
    EXPECT_LT(saved, 5'000u);
    later->stop();
  }
  EXPECT_EQ(rows_in(day), static_cast<std::int64_t>(saved));
  EXPECT_EQ(set_aside(), 1u);

  const auto last = service();
  last->restored();
  EXPECT_TRUE(says(*last, "set aside")) << "not forgotten";
  EXPECT_EQ(last->tracker().counts().ended, saved);
}

TEST_F(Books, NoticeARowThatIsNoLongerWhatWasWritten) {
  report(100);
  const std::string day = today();
  sql(day, "UPDATE events SET input_tokens = 999999 WHERE request_id = 'r7'");
  clock_.advance(24h);

  const auto later = service();
  EXPECT_EQ(later->restored(), 99u);
  EXPECT_EQ(later->tracker().totals().summary().counters.total.input_tokens, 990u);
  until_said(*later, "do not match");
  EXPECT_EQ(set_aside(), 1u);
}

TEST_F(Books, AreCheckedAtStartThoughTheCheckpointHasAll) {
  {
    const auto running = service();
    running->restored();
    running->report({ended("a"), ended("b"), ended("c")});
    running->stop();
  }
  const std::string day = today();
  sql(day, "UPDATE events SET provider = 'x' WHERE request_id = 'b'");
  clock_.advance(24h);
  {
    const auto later = service();
    EXPECT_EQ(later->restored(), 0u);
    until_said(*later, "do not match");
    later->stop();
  }
  EXPECT_EQ(rows_in(day), 2);
}

TEST_F(Books, NoticeRowsThatAreGone) {
  report(100);
  sql(today(), "DELETE FROM events WHERE request_id IN ('r1', 'r2', 'r3')");
  clock_.advance(24h);

  const auto later = service();
  until_said(*later, "3 rows are missing");
  EXPECT_EQ(later->restored(), 97u);
}

TEST_F(Books, GoOnInANewFileWhenTodaysIsDamagedWhileItIsWrittenTo) {
  const auto running = service();
  running->restored();
  for (int i = 0; i < 30; ++i) {
    std::vector<Event> events;
    for (int k = 0; k < 500; ++k) events.push_back(ended("r" + std::to_string(500 * i + k)));
    running->report(events);
  }
  const std::string day = today();
  overwrite(day, 4096 * 200, 4096);

  running->report({ended("after")});

  EXPECT_TRUE(says(*running, "rows were saved"));
  EXPECT_EQ(set_aside(), 1u);
  running->crash();
  const std::int64_t rows = rows_in(day);
  EXPECT_GT(rows, 14'500) << "what was whole";
  EXPECT_LT(rows, 15'001);
}

TEST_F(Books, ReadWhatCouldNotBeReadAtFirst) {
  if (fakes::kSanitizerNeedsDescriptors) GTEST_SKIP() << "see descriptor_limit.h";
  report(110);
  clock_.advance(24h);

  std::unique_ptr<ServiceLife> later;
  {
    const fakes::DescriptorLimit none(0);
    later = service();
    until_said(*later, "cannot be read");
    EXPECT_TRUE(later->tracker().restoring());
    EXPECT_EQ(later->tracker().counts().ended, 0u);
  }
  EXPECT_EQ(later->restored(), 110u);

  EXPECT_EQ(later->tracker().counts().ended, 110u);
  EXPECT_FALSE(says(*later, "cannot be read"));
  EXPECT_FALSE(later->tracker().restoring());
}

TEST_F(Books, DeleteNothingWhenTheClockIsFortyDaysAhead) {
  for (int i = 0; i < 3; ++i) {
    report(10, "day" + std::to_string(i) + "-");
    clock_.advance(24h);
  }
  const auto before = folder_.names();
  ManualClock ahead(clock_.wall() + 24h * 40);
  {
    const auto later = std::make_unique<ServiceLife>(folder_.path(), ahead);
    EXPECT_EQ(later->restored(), 30u);
    later->begin_at(next_seq_);
    later->report({ended("ahead")});
    later->stop();
  }
  const auto after = folder_.names();
  for (const std::string& name : before) {
    if (!name.ends_with(".sqlite")) continue;
    EXPECT_TRUE(std::ranges::find(after, name) != after.end()) << name;
  }
  const auto last = service();
  last->restored();
  EXPECT_EQ(last->tracker().counts().ended, 31u);
}

TEST_F(Books, LeaveAFileOfANewerReleaseAsItIsAndSayIt) {
  report(5);
  const std::string day = today();
  sql(day, "PRAGMA user_version = 99; ALTER TABLE events RENAME TO something_else");
  const std::string before = bytes_of(day);
  {
    const auto older = service();
    EXPECT_EQ(older->restored(), 0u);
    EXPECT_TRUE(says(*older, "newer release"));
    older->begin_at(next_seq_);
    older->report({ended("of the older")});
    older->crash();
  }
  EXPECT_EQ(bytes_of(day), before);
  EXPECT_EQ(set_aside(), 0u);

  const auto again = service();
  EXPECT_EQ(again->restored(), 1u) << "from a file beside it";
  EXPECT_TRUE(says(*again, "newer release"));
}

TEST_F(Books, PutAMendedFileInItsPlaceWhenTheProcessThatMendedItDied) {
  report(5);
  const std::string day = today();
  fs::rename(day, day + ".saved");
  clock_.advance(24h);

  const auto later = service();
  EXPECT_EQ(later->restored(), 5u);
  EXPECT_TRUE(fs::exists(day));
}

TEST_F(Books, KeepTheSumsOfDaysWhoseRowsAreGone) {
  {
    const auto running = service();
    running->restored();
    running->report({ended("a"), ended("b")});
    running->stop();
  }
  const WallTime since = std::chrono::floor<Micros>(clock_.wall());
  HistoryDays::remove(today());
  clock_.advance(24h);

  const auto later = service();
  later->restored();
  EXPECT_EQ(later->tracker().counts().ended, 2u);
  EXPECT_EQ(later->tracker().since(), since);
}

}  // namespace
}  // namespace vdm::metrics::books_test
