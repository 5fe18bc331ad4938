#include "metrics-service/serve/live/live.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/metrics-service/config/extremes.h"
#include "tests/metrics-service/serve/served_api.h"

namespace vdm::metrics::live_test {
namespace {

using namespace scenario;
using namespace std::chrono_literals;
namespace json = boost::json;

json::object parsed(const SseEvent& event) {
  boost::system::error_code fault;
  json::value value = json::parse(event.data, fault);
  return !fault && value.is_object() ? value.get_object() : json::object{};
}
std::string id_of(const json::value& row) {
  return std::string(row.as_object().at("request_id").as_string());
}

ServedApi::Options quick() {
  ServedApi::Options options;
  options.live.progress_interval = 50ms;
  options.live.coalesce = 20ms;
  options.live.heartbeat = 10s;
  options.live.multiplexed_heartbeat = 10s;
  return options;
}

TEST(Live, BeginsWithASnapshotAndTellsHowToComeBack) {
  ServedApi served;
  served.report(1, {started("a")});

  FeedReader reader(served, "/metrics/stream");

  EXPECT_NE(reader.head().find("200 OK"), std::string::npos);
  EXPECT_NE(reader.head().find("Content-Type: text/event-stream"), std::string::npos);
  EXPECT_NE(reader.head().find("Cache-Control: no-cache, no-transform"), std::string::npos);
  EXPECT_NE(reader.head().find("X-Accel-Buffering: no"), std::string::npos);
  EXPECT_TRUE(reader.next_chunk().starts_with("retry: "));
  const SseEvent snapshot = reader.next();
  EXPECT_EQ(snapshot.name, "snapshot");
  EXPECT_EQ(snapshot.id, served.owner([&] { return served.tracker().cursor().text(); }));
  EXPECT_EQ(id_of(parsed(snapshot).at("active").as_array().at(0)), "a");
}

TEST(Live, PushesAStartAtOnceAndAnEndWithWhatItBecame) {
  ServedApi served(quick());
  FeedReader reader(served, "/metrics/stream");
  reader.next();

  served.report(1, {started("a")});
  const auto start = parsed(reader.next());
  served.report(2, {ended("a", Outcome::UpstreamError)});
  const auto end = parsed(reader.next());

  EXPECT_EQ(id_of(start.at("upsert").as_array().at(0)), "a");
  EXPECT_FALSE(start.contains("remove"));
  EXPECT_EQ(end.at("remove").as_array().at(0).as_string(), "a");
  EXPECT_FALSE(end.contains("upsert"));
  EXPECT_EQ(end.at("traces").as_array().size(), 1u);
  EXPECT_EQ(end.at("errors").as_array().size(), 1u);
  EXPECT_EQ(end.at("totals").as_object().at("summary").as_object().at("errors").as_int64(), 1);
}

TEST(Live, BearsEveryIntervalThatItsSettingsMayBe) {
  for (const std::int64_t interval : extremes_of("VDM_ACTIVE_REQUESTS_SSE_INTERVAL")) {
    for (const std::int64_t heartbeat : extremes_of("VDM_ACTIVE_REQUESTS_SSE_HEARTBEAT")) {
      ServedApi::Options options;
      options.live.progress_interval = std::chrono::milliseconds(interval);
      options.live.heartbeat = std::chrono::milliseconds(heartbeat);
      ServedApi served(options);
      FeedReader reader(served, "/metrics/stream");
      reader.next();

      served.report(1, {started("a")});

      EXPECT_TRUE(parsed(reader.next()).contains("upsert")) << interval << " " << heartbeat;
    }
  }
}

TEST(Live, SendsNothingButHeartbeatsWhenNothingChanges) {
  ServedApi::Options options = quick();
  options.live.heartbeat = 30ms;
  options.live.multiplexed_heartbeat = 30ms;
  ServedApi served(options);
  served.report(1, {started("a"), progress("a", 1000, 5)});
  FeedReader multiplexed(served, "/metrics/stream");
  FeedReader updates(served, "/metrics/active-requests/stream");
  for (FeedReader* reader : {&multiplexed, &updates}) {
    reader->next_chunk();  // retry
    reader->next_chunk();  // all there is
  }

  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(multiplexed.next_chunk(), ": heartbeat\n\n");
    EXPECT_EQ(updates.next_chunk(), ": heartbeat\n\n");
  }
}

TEST(Live, SendsTheCompatibleFeedWholeRowsEachTime) {
  ServedApi served(quick());
  FeedReader reader(served, "/metrics/active-requests/stream");
  const SseEvent first = reader.next();
  EXPECT_EQ(first.name, "update");
  EXPECT_TRUE(parsed(first).at("active_requests").as_array().empty());

  served.report(1, {started("a")});
  const SseEvent second = reader.next();
  served.report(2, {ended("a")});
  const SseEvent third = reader.next();

  EXPECT_EQ(second.name, "update");
  EXPECT_EQ(parsed(second).at("disabled").as_bool(), false);
  EXPECT_EQ(parsed(second).at("active_requests").as_array().size(), 1u);
  EXPECT_TRUE(parsed(second).at("timestamp").is_double());
  EXPECT_TRUE(parsed(third).at("active_requests").as_array().empty());
}

TEST(Live, SendsTheDeltaFeedOnlyTheRowsThatChanged) {
  ServedApi served(quick());
  served.report(1, {started("a"), started("b")});
  FeedReader reader(served, "/metrics/active-requests/stream?mode=delta");
  EXPECT_EQ(reader.next().name, "snapshot");

  served.report(3, {progress("b", 1000, 7)});
  const SseEvent delta = reader.next();

  EXPECT_EQ(delta.name, "delta");
  ASSERT_EQ(parsed(delta).at("upsert").as_array().size(), 1u);
  EXPECT_EQ(id_of(parsed(delta).at("upsert").as_array().at(0)), "b");
}

TEST(Live, ContinuesAfterACursorInEitherPlace) {
  ServedApi served(quick());
  served.report(1, {started("a")});
  std::string cursor;
  {
    FeedReader reader(served, "/metrics/stream");
    cursor = reader.next().id;
  }
  served.report(2, {ended("a"), started("b")});

  FeedReader by_header(served, "/metrics/stream", "Last-Event-ID: " + cursor + "\r\n");
  FeedReader by_query(served, "/metrics/stream?after=" + cursor);

  for (FeedReader* reader : {&by_header, &by_query}) {
    const SseEvent delta = reader->next();
    EXPECT_EQ(delta.name, "delta");
    EXPECT_EQ(id_of(parsed(delta).at("upsert").as_array().at(0)), "b");
    EXPECT_EQ(parsed(delta).at("remove").as_array().at(0).as_string(), "a");
  }
}

TEST(Live, SaysSoWhenACursorCannotBeContinued) {
  ServedApi::Options options = quick();
  options.tracker.events_max = 2;
  ServedApi served(options);
  served.report(1, {started("a"), started("b"), started("c"), started("d")});

  for (const auto& [cursor, reason] : {std::pair("e1-1", "too_old"), std::pair("e0-1", "epoch"),
                                       std::pair("e1-99", "epoch"), std::pair("x", "malformed")}) {
    FeedReader reader(served, std::string("/metrics/stream?after=") + cursor);
    const SseEvent reset = reader.next();
    EXPECT_EQ(reset.name, "reset");
    EXPECT_EQ(parsed(reset).at("reason").as_string(), reason);
    EXPECT_EQ(reader.next().name, "snapshot");
  }
}

TEST(Live, MakesATextOnceForAllWhoStandAtTheSamePlace) {
  ServedApi served(quick());
  std::vector<std::unique_ptr<FeedReader>> readers;
  for (int i = 0; i < 20; ++i) {
    readers.push_back(std::make_unique<FeedReader>(served, "/metrics/stream"));
    readers.back()->next();
  }
  const auto before = served.owner([&] { return served.live().texts_made(); });

  served.report(1, {started("a")});
  for (auto& reader : readers) EXPECT_EQ(reader->next().name, "delta");

  // Readers came at different moments, but nothing had changed between them.
  EXPECT_EQ(served.owner([&] { return served.live().texts_made(); }), before + 1);
}

TEST(Live, GathersABurstIntoFewMessages) {
  ServedApi::Options options = quick();
  options.live.coalesce = 100ms;
  ServedApi served(options);
  FeedReader reader(served, "/metrics/stream");
  reader.next();

  std::size_t rows = 0;
  int messages = 0;
  for (std::uint64_t i = 1; i <= 300; ++i) served.report(i, {started("r" + std::to_string(i))});
  while (rows < 300) {
    const auto delta = parsed(reader.next());
    rows += delta.at("upsert").as_array().size();
    ++messages;
  }

  EXPECT_EQ(rows, 300u);
  EXPECT_LT(messages, 30);
}

TEST(Live, GivesAReaderThatLagsThePresent) {
  ServedApi::Options options = quick();
  options.live.coalesce = 1ms;
  options.live.progress_interval = 1ms;
  ServedApi served(options);
  std::vector<Event> many;
  for (int i = 0; i < 1000; ++i) many.push_back(started("req_" + std::to_string(i)));
  served.report(1, many);
  FeedReader slow(served, "/metrics/active-requests/stream?mode=delta", {}, 4096);
  const auto made_before = served.owner([&] { return served.live().texts_made(); });

  // Each round changes every row: 100 rounds are some 50 MB, of which it reads nothing yet.
  std::uint64_t seq = 1001;
  for (unsigned round = 1; round <= 100; ++round) {
    std::vector<Event> changes;
    for (int i = 0; i < 1000; ++i) {
      changes.push_back(progress("req_" + std::to_string(i), round * 100, round));
    }
    served.report(seq, changes);
    seq += 1000;
  }
  std::map<std::string, std::int64_t> tokens;
  int messages = 0;
  while (tokens.size() < 1000 || tokens.begin()->second < 100) {
    const SseEvent event = slow.next();
    ASSERT_FALSE(event.data.empty());
    if (event.name == "reset") continue;  // it fell out of what is kept for resuming
    const auto data = parsed(event);
    const auto& rows = data.at(event.name == "snapshot" ? "active_requests" : "upsert").as_array();
    for (const auto& row : rows) {
      tokens[id_of(row)] = row.as_object().at("output_tokens").as_int64();
    }
    ++messages;
  }

  EXPECT_LT(messages, 20) << "it was spared what lay between";
  EXPECT_LT(served.owner([&] { return served.live().texts_made(); }) - made_before, 20u);
}

TEST(Live, ClosesAReaderThatReadsNothing) {
  ServedApi::Options options = quick();
  options.write_time = 50ms;
  options.live.coalesce = 1ms;
  ServedApi served(options);
  std::vector<Event> many;
  for (int i = 0; i < 3000; ++i) many.push_back(started("req_" + std::to_string(i)));
  served.report(1, many);
  FeedReader stalled(served, "/metrics/active-requests/stream", {}, 4096);

  while (served.owner([&] { return served.live().readers(); }) > 0) std::this_thread::yield();
}

TEST(Live, RefusesMoreReadersThanItHasRoomFor) {
  ServedApi::Options options = quick();
  options.live.readers_max = 2;
  ServedApi served(options);
  FeedReader one(served, "/metrics/stream");
  FeedReader two(served, "/metrics/active-requests/stream");

  const auto refused = served.get("/metrics/stream");

  EXPECT_EQ(refused.result_int(), 503u);
  EXPECT_EQ(refused["Retry-After"], "10");
}

TEST(Live, ForgetsAReaderThatLeaves) {
  ServedApi served(quick());
  {
    FeedReader reader(served, "/metrics/stream");
    reader.next();
    EXPECT_EQ(served.owner([&] { return served.live().readers(); }), 1u);
  }

  while (served.owner([&] { return served.live().readers(); }) > 0) std::this_thread::yield();
}

TEST(Live, EndsItsReadersWhenTheServiceStops) {
  ServedApi served(quick());
  FeedReader reader(served, "/metrics/stream");
  reader.next();

  served.stop();

  EXPECT_TRUE(reader.next().data.empty());
}

TEST(Live, SaysThatItIsDegradedAtOnce) {
  ServedApi served(quick());
  FeedReader reader(served, "/metrics/stream");
  reader.next();

  served.owner([&] {
    served.tracker().set_degraded({"history is not being kept: disk full"});
    served.live().changed();
  });

  EXPECT_EQ(parsed(reader.next()).at("degraded").as_array().size(), 1u);
}

}  // namespace
}  // namespace vdm::metrics::live_test
