#include "proto/contract/event_wire.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/util/message_differencer.h>
#include <vdm/metrics/v1/event.pb.h>
#include <vdm/metrics/v1/ingest.pb.h>

#include "proto/contract/event_codec.h"
#include "tests/proto/contract/full_events.h"

namespace vdm::event_wire_test {
namespace {

namespace v1 = metrics::v1;

v1::Event written(const Event& event) {
  WireBuffer wire;
  write_event(event, wire);
  v1::Event message;
  EXPECT_TRUE(message.ParseFromArray(wire.bytes().data(), static_cast<int>(wire.bytes().size())));
  return message;
}

/// What differs between the two ways to write an event; empty when nothing does.
std::string difference(const Event& event) {
  v1::Event encoded;
  encode(event, encoded);
  std::string text;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&text);
  differencer.Compare(encoded, written(event));
  return text;
}

Ended hostile_ended() {
  RequestFacts facts = full_facts();
  facts.request_id.assign(500, 'r');
  facts.started_at = WallTime(Micros(-5));
  facts.requested_model = "cut \xff here";
  facts.user_agent.assign(255, 'a');
  facts.user_agent += "ü";
  facts.request_bytes = ~0ull;
  Ended ended = full_ended();
  ended.facts = std::make_shared<const RequestFacts>(std::move(facts));
  ended.http_status = 70'000;
  ended.duration = Micros(-1);
  ended.ttft = Micros(0);
  ended.overhead = Micros::max();
  ended.usage.input_tokens = ~0ull;
  ended.attempts.assign(100, Attempt{.provider = std::string(400, 'p'), .http_status = 1'000});
  return ended;
}

TEST(WireBuffer, WritesAMessageThatFillsItsLength) {
  const std::string most((1 << 21) - 1 - 4, 'x');  // but for the text's own number and length
  WireBuffer wire;

  const bool written = wire.message(1, WireBuffer::Length::Of2MiB, [&] { wire.text(1, most); });

  EXPECT_TRUE(written);
  EXPECT_FALSE(wire.left_out());
  EXPECT_EQ(wire.size(), 1 + 3 + std::size_t{(1 << 21) - 1});
  EXPECT_EQ(wire.bytes().substr(0, 4), "\x0a\xff\xff\x7f");
}

TEST(WireBuffer, LeavesOutAMessageThatIsTooLongForItsLengthAndAllItStandsIn) {
  const std::string more((1 << 21) - 4, 'x');
  WireBuffer wire;
  wire.text(1, "before");
  const std::string before(wire.bytes());

  const bool written = wire.message(2, WireBuffer::Length::Of256MiB, [&] {
    wire.text(3, "in it");
    wire.message(1, WireBuffer::Length::Of2MiB, [&] { wire.text(1, more); });
  });

  EXPECT_FALSE(written);
  EXPECT_TRUE(wire.left_out());
  EXPECT_EQ(wire.bytes(), before);
  wire.clear();
  EXPECT_TRUE(wire.message(2, WireBuffer::Length::Of2MiB, [&] { wire.text(3, "next"); }));
}

TEST(EventWire, FitsItsLengthHoweverLongItsTextsAre) {
  const Event largest = hostile_ended();
  const std::vector<const Event*> batch(Caps::BatchEvents, &largest);
  WireBuffer wire;

  write_batch_request(1, batch, wire);

  EXPECT_FALSE(wire.left_out());
  v1::ReportRequest request;
  EXPECT_TRUE(request.ParseFromArray(wire.bytes().data(), static_cast<int>(wire.size())));
  EXPECT_EQ(request.batch().events_size(), static_cast<int>(Caps::BatchEvents));
}

TEST(EventWire, SaysWhatTheCodecSays) {
  EXPECT_EQ(difference(Started{std::make_shared<const RequestFacts>(full_facts())}), "");
  EXPECT_EQ(difference(full_progress()), "");
  EXPECT_EQ(difference(full_ended()), "");
  Ended as_asked = full_ended();
  as_asked.answered_name.clear();
  as_asked.answered_as_asked = true;
  EXPECT_EQ(difference(as_asked), "");
  EXPECT_EQ(difference(Gap{.from_seq = 3, .to_seq = 9, .ended_count = 4}), "");
}

TEST(EventWire, LeavesOutWhatTheCodecLeavesOut) {
  EXPECT_EQ(difference(Started{}), "");
  EXPECT_EQ(difference(Started{std::make_shared<const RequestFacts>()}), "");
  EXPECT_EQ(difference(Progressed{}), "");
  EXPECT_EQ(difference(Ended{}), "");
  EXPECT_EQ(difference(Gap{}), "");
}

TEST(EventWire, CutsAndCleansAsTheCodecDoes) { EXPECT_EQ(difference(hostile_ended()), ""); }

TEST(EventWire, WritesABatchThatTheServiceReads) {
  const Event started = Started{std::make_shared<const RequestFacts>(full_facts())};
  const Event ended = full_ended();
  std::vector<const Event*> events;
  for (int i = 0; i < 200; ++i) events.insert(events.end(), {&started, &ended});
  WireBuffer wire;

  write_batch_request(7, events, wire);

  v1::ReportRequest request;
  ASSERT_TRUE(request.ParseFromArray(wire.bytes().data(), static_cast<int>(wire.bytes().size())));
  LeftOut left_out;
  const auto batch = decode(request.batch(), left_out);
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->first_seq, 7u);
  ASSERT_EQ(batch->events.size(), 400u);
  EXPECT_EQ(*std::get<Started>(batch->events[398]).facts, full_facts());
  EXPECT_EQ(std::get<Ended>(batch->events[399]).attempts, std::get<Ended>(ended).attempts);
}

TEST(EventWire, SaysOfEachRequestInABatchItsOwnFacts) {
  std::vector<Event> events;
  for (int i = 0; i < 300; ++i) {  // more than it remembers
    RequestFacts facts = full_facts();
    facts.request_id = "req_" + std::to_string(i);
    const auto shared = std::make_shared<const RequestFacts>(std::move(facts));
    events.emplace_back(Started{shared});
    Ended ended = full_ended();
    ended.facts = shared;
    events.emplace_back(ended);
  }
  for (std::size_t i = 1; i < 600; i += 2) events.push_back(events[i]);
  std::vector<const Event*> batch;
  for (const Event& event : events) batch.push_back(&event);
  WireBuffer wire;

  write_batch_request(1, batch, wire);

  v1::ReportRequest request;
  ASSERT_TRUE(request.ParseFromArray(wire.bytes().data(), static_cast<int>(wire.bytes().size())));
  ASSERT_EQ(request.batch().events_size(), 900);
  for (int i = 0; i < 300; ++i) {
    const std::string id = "req_" + std::to_string(i);
    EXPECT_EQ(request.batch().events(2 * i).started().facts().request_id(), id);
    EXPECT_EQ(request.batch().events(2 * i + 1).ended().facts().request_id(), id);
    EXPECT_EQ(request.batch().events(600 + i).ended().facts().request_id(), id);
  }
}

TEST(EventWire, StartsAnewInTheSameRoom) {
  WireBuffer wire;
  write_event(full_ended(), wire);
  const std::string once(wire.bytes());

  wire.clear();
  write_event(full_ended(), wire);

  EXPECT_EQ(wire.bytes(), once);
}

}  // namespace
}  // namespace vdm::event_wire_test
