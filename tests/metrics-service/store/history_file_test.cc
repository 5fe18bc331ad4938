#include "metrics-service/store/history_file.h"

#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/released.h"
#include "tests/metrics-service/tracker/scenario.h"

namespace vdm::metrics::history_file_test {
namespace {

namespace fs = std::filesystem;
using namespace scenario;

constexpr auto All = std::numeric_limits<std::int64_t>::max();

LogBatch ended_batch(std::uint64_t seq) {
  LiveEvent event;
  event.seq = seq;
  event.proxy = std::make_shared<const std::string>("proxy-1");
  event.instance_id = std::make_shared<const std::string>(Proxy);
  event.applied = at(1000).wall;
  event.facts = facts("r" + std::to_string(seq));
  Ended ended = end_of(event.facts);
  ended.finish_reason = "stop";
  event.kind = std::move(ended);
  return {.instance_id = Proxy,
          .proxy = "proxy-1",
          .watermark = seq,
          .rows = {std::make_shared<const LiveEvent>(std::move(event))}};
}

void append(HistoryFile& file, const LogBatch& batch) {
  const auto appended = file.append({&batch}, at(1000).wall);
  ASSERT_TRUE(appended) << appended.error().message;
}

/// A day by itself, with the hands of a person who has the sqlite3 command.
class HistoryFileTest : public ::testing::Test {
 protected:
  HistoryFile open() { return std::move(*HistoryFile::open(path_)); }
  void sql(const std::string& statements) {
    auto database = sqlite::Database::open(path_);
    ASSERT_TRUE(database) << database.error().message;
    const auto done = database->run(statements.c_str());
    ASSERT_TRUE(done) << done.error().message;
  }
  std::vector<LiveEvent> replay() {
    std::vector<LiveEvent> rows;
    const auto read = HistoryFile::read_rows(path_, HistoryFile::Writer::None, 0, All,
                                             {.row =
                                                  [&](const LiveEventPtr& event) {
                                                    rows.push_back(*event);
                                                    return true;
                                                  },
                                              .watermark = {}});
    EXPECT_TRUE(read) << read.error().message;
    return rows;
  }

  std::map<std::string, StoredWatermark> watermarks() {
    std::map<std::string, StoredWatermark> marks;
    const auto read = HistoryFile::read_watermarks(
        path_, HistoryFile::Writer::None,
        {.row = {},
         .watermark = [&](const StoredWatermark& mark) { marks[mark.instance_id] = mark; }});
    EXPECT_TRUE(read) << read.error().message;
    return marks;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path() / "history-2026-01-02.sqlite";
};

TEST_F(HistoryFileTest, ReadsAColumnThatTheFileDoesNotHaveAsNull) {
  {
    HistoryFile file = open();
    append(file, ended_batch(1));
  }
  sql("ALTER TABLE events DROP COLUMN finish_reason; ALTER TABLE events DROP COLUMN ttft_us;"
      "ALTER TABLE events DROP COLUMN attempts");
  const std::string before = bytes_of(path_);

  const auto rows = replay();

  ASSERT_EQ(rows.size(), 1u);
  const auto& ended = std::get<Ended>(rows[0].kind);
  EXPECT_EQ(ended.finish_reason, "");
  EXPECT_EQ(ended.ttft, std::nullopt);
  EXPECT_EQ(ended.attempts, std::vector<Attempt>{});
  EXPECT_EQ(ended.usage.output_tokens, 20u);
  EXPECT_EQ(rows[0].facts->request_id, "r1");
  EXPECT_EQ(bytes_of(path_), before);
}

TEST_F(HistoryFileTest, KeepsWhoAnsweredAndWhatTheProviderWasShown) {
  LogBatch batch = ended_batch(1);
  LiveEvent row = *batch.rows.at(0);
  auto known = std::make_shared<RequestFacts>(*row.facts);
  known->kind = "embeddings";
  known->credential = Credential::Subscription;
  row.facts = known;
  Ended other = std::get<Ended>(row.kind);
  other.facts = known;
  set_answered_model(other, "m-lite");
  other.model_mismatch = true;
  row.kind = other;
  batch.rows = {std::make_shared<const LiveEvent>(row)};
  {
    HistoryFile file = open();
    append(file, batch);
    append(file, ended_batch(2));
  }

  const auto rows = replay();

  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(*rows[0].facts, *known);
  EXPECT_EQ(answered_model(std::get<Ended>(rows[0].kind)), "m-lite");
  EXPECT_TRUE(std::get<Ended>(rows[0].kind).model_mismatch);
  EXPECT_EQ(kind_of(*rows[1].facts), "completion");
  EXPECT_EQ(rows[1].facts->credential, Credential::Unspecified);
  EXPECT_EQ(answered_model(std::get<Ended>(rows[1].kind)), "");
  EXPECT_FALSE(std::get<Ended>(rows[1].kind).model_mismatch);
}

TEST_F(HistoryFileTest, ReadsADayFromBeforeWhoAnsweredWasKept) {
  {
    HistoryFile file = open();
    append(file, ended_batch(1));
  }
  sql("ALTER TABLE events DROP COLUMN request_kind; ALTER TABLE events DROP COLUMN credential;"
      "ALTER TABLE events DROP COLUMN answered_model; ALTER TABLE events DROP COLUMN "
      "model_mismatch");

  const auto rows = replay();

  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(kind_of(*rows[0].facts), "completion");
  EXPECT_EQ(rows[0].facts->credential, Credential::Unspecified);
  EXPECT_EQ(answered_model(std::get<Ended>(rows[0].kind)), "");
  EXPECT_FALSE(std::get<Ended>(rows[0].kind).model_mismatch);
}

TEST_F(HistoryFileTest, ReadsATableThatTheFileDoesNotHaveAsEmpty) {
  {
    HistoryFile file = open();
    append(file, ended_batch(1));
  }
  sql("DROP TABLE watermarks");
  EXPECT_EQ(replay().size(), 1u);

  sql("DROP TABLE events");

  EXPECT_TRUE(replay().empty());
}

TEST_F(HistoryFileTest, PassesOverAColumnItDoesNotKnow) {
  {
    HistoryFile file = open();
    append(file, ended_batch(1));
  }
  sql("ALTER TABLE events ADD COLUMN of_a_later_release TEXT DEFAULT 'x'");

  EXPECT_EQ(replay().size(), 1u);
}

TEST_F(HistoryFileTest, AddsWhatCameSinceToTheDayThatIsWrittenTo) {
  {
    HistoryFile file = open();
    append(file, ended_batch(1));
  }
  sql("ALTER TABLE events DROP COLUMN finish_reason; ALTER TABLE events DROP COLUMN row_check");
  {
    HistoryFile file = open();
    append(file, ended_batch(2));
  }

  const auto rows = replay();

  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(std::get<Ended>(rows[0].kind).finish_reason, "");
  EXPECT_EQ(std::get<Ended>(rows[1].kind).finish_reason, "stop");
}

TEST_F(HistoryFileTest, LeavesNothingBesideADayThatItReads) {
  {
    HistoryFile file = open();
    append(file, ended_batch(1));
  }

  replay();

  EXPECT_EQ(folder_.names(), (std::vector<std::string>{"history-2026-01-02.sqlite"}));
}

TEST_F(HistoryFileTest, ReadsADayWhoseNameAUriWouldMisread) {
  const std::string odd = folder_.path() / "a?mode=memory#b%20c.sqlite";
  {
    HistoryFile file = std::move(*HistoryFile::open(odd));
    append(file, ended_batch(1));
  }
  std::size_t rows = 0;

  const auto read = HistoryFile::read_rows(odd, HistoryFile::Writer::None, 0, All,
                                           {.row =
                                                [&](const LiveEventPtr&) {
                                                  ++rows;
                                                  return true;
                                                },
                                            .watermark = {}});

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(rows, 1u);
}

TEST_F(HistoryFileTest, SeesWhatAWriterThatDiedHadCommittedAndLeavesItWhereItIs) {
  const fs::path died = folder_.path() / "died.sqlite";
  {
    HistoryFile file = open();
    append(file, ended_batch(1));
    // As a crash leaves them: the log was not written back.
    fs::copy_file(path_, died);
    fs::copy_file(path_ + "-wal", died.string() + "-wal");
  }
  fs::rename(died, path_);
  fs::rename(died.string() + "-wal", path_ + "-wal");
  const std::string before = bytes_of(path_);
  const std::string log_before = bytes_of(path_ + "-wal");

  EXPECT_EQ(replay().size(), 1u);

  EXPECT_EQ(bytes_of(path_), before);
  EXPECT_EQ(bytes_of(path_ + "-wal"), log_before);
}

TEST_F(HistoryFileTest, TakesBackWhatAWriterThatDiedHadNotCommitted) {
  {
    HistoryFile file = open();
    append(file, ended_batch(1));
  }
  sql("PRAGMA journal_mode = DELETE");
  const std::string committed = bytes_of(path_);
  {
    auto database = *sqlite::Database::open(path_);
    const std::string died = folder_.path() / "died";
    ASSERT_TRUE(
        database.run("PRAGMA cache_size = 1; BEGIN; UPDATE events SET proxy = 'half';"
                     "CREATE TABLE much (text TEXT);"
                     "INSERT INTO much SELECT hex(randomblob(2000)) FROM events, "
                     "pragma_table_info('events'), pragma_table_info('events')"));
    fs::copy_file(path_, died);
    fs::copy_file(path_ + "-journal", died + "-journal");
    ASSERT_TRUE(database.run("ROLLBACK"));
    fs::rename(died, path_);
    fs::rename(died + "-journal", path_ + "-journal");
  }
  ASSERT_NE(bytes_of(path_), committed) << "half of it is in the file";

  const auto rows = replay();

  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(*rows[0].proxy, "proxy-1");
}

TEST_F(HistoryFileTest, KeepsWhatIsKnownOfEachInstancesSecret) {
  LogBatch said_hello{
      .instance_id = "hello", .proxy = "p", .secret = InstanceSecret::of("own"), .rows = {}};
  LogBatch earlier = ended_batch(1);
  earlier.instance_id = "earlier";
  earlier.secret = InstanceSecret::of("");
  LogBatch silent = ended_batch(2);
  silent.instance_id = "silent";
  {
    HistoryFile file = open();
    for (const LogBatch* batch : {&said_hello, &earlier, &silent}) append(file, *batch);
    said_hello.watermark = 7;
    said_hello.secret = {};  // a batch that does not know leaves what is kept
    append(file, said_hello);
  }

  const auto marks = watermarks();

  EXPECT_EQ(marks.at("hello").seq, 7u);
  EXPECT_EQ(marks.at("hello").secret.kind, InstanceSecret::Kind::Hash);
  EXPECT_EQ(marks.at("hello").secret.hash, sha256("own"));
  EXPECT_EQ(marks.at("earlier").secret.kind, InstanceSecret::Kind::None);
  EXPECT_EQ(marks.at("silent").secret.kind, InstanceSecret::Kind::Unknown);
}

TEST_F(HistoryFileTest, KnowsNoSecretsOfADayFromBeforeTheyWereKeptAndAddsThemToday) {
  LogBatch batch = ended_batch(1);
  batch.secret = InstanceSecret::of("own");
  {
    HistoryFile file = open();
    append(file, batch);
  }
  sql("ALTER TABLE watermarks DROP COLUMN secret_hash");
  EXPECT_EQ(watermarks().at(Proxy).secret.kind, InstanceSecret::Kind::Unknown);
  EXPECT_EQ(watermarks().at(Proxy).seq, 1u);

  {
    HistoryFile file = open();
    append(file, batch);
  }

  EXPECT_EQ(watermarks().at(Proxy).secret.hash, sha256("own"));
}

}  // namespace
}  // namespace vdm::metrics::history_file_test
