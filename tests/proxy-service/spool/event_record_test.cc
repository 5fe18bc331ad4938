#include "proxy-service/spool/event_record.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace vdm::proxy::event_record_test {
namespace {

RequestFacts facts() {
  return {.request_id = "req_0123456789abcdef0123456789abcdef_17",
          .started_at = WallTime(std::chrono::seconds(1'764'000'000)),
          .client_dialect = Dialect::Anthropic,
          .upstream_dialect = Dialect::OpenAi,
          .requested_model = "sonnet",
          .resolved_model = "claude-sonnet-4-5-20250929",
          .provider = "anthropic",
          .streaming = true,
          .message_count = 12,
          .request_bytes = 2048,
          .tool_use_count = 3,
          .tool_result_count = 2,
          .client_label = "0123456789ab",
          .user_agent = "claude-cli/2.0.14 (external, cli)",
          .session_id = "6b1f…",
          .agent_id = "agent",
          .trace_id = "0123456789abcdef0123456789abcdef",
          .attempt_group = "group",
          .kind = "embeddings",
          .credential = Credential::Subscription};
}

Ended ended(RequestFacts of) {
  Ended made{.facts = std::make_shared<const RequestFacts>(std::move(of)),
             .outcome = Outcome::UpstreamError,
             .http_status = 529,
             .error_type = "overloaded_error",
             .error_message = "Overloaded",
             .duration = Micros(1'500'000),
             .ttft = Micros(100'000),
             .usage = {.input_tokens = 512,
                       .output_tokens = 256,
                       .cache_read_tokens = 4'000'000'000,
                       .cache_creation_tokens = 7,
                       .reasoning_tokens = 9,
                       .input_estimated = true,
                       .output_estimated = false},
             .tool_call_count = 4,
             .finish_reason = "end_turn",
             .response_bytes = 4096,
             .attempts = {},
             .overhead = Micros(40),
             .answered_name = "another",
             .model_mismatch = true};
  made.attempts = {{.provider = "openai",
                    .resolved_model = "gpt",
                    .http_status = 500,
                    .error_type = "server_error",
                    .started_after = Micros(1),
                    .connected_after = Micros(2),
                    .first_byte_after = Micros(3),
                    .ended_after = Micros(4)},
                   {.provider = made.facts->provider,
                    .resolved_model = made.facts->resolved_model,
                    .http_status = 529,
                    .started_after = Micros(5),
                    .ended_after = Micros(6),
                    .connection_reused = true}};
  return made;
}

struct alignas(8) Room : std::array<char, PayloadBytesMax> {};

std::string payload_of(const RequestFacts& of_start) {
  const auto room = std::make_unique<Room>();
  return {room->data(), write_record(of_start, room->data())};
}

std::string payload_of(const Ended& ended, EndFacts says, std::uint64_t start = 64) {
  const auto room = std::make_unique<Room>();
  return {room->data(), write_record(ended, says, start, room->data())};
}

void expect_equal(const Ended& read, const Ended& written) {
  EXPECT_EQ(read.outcome, written.outcome);
  EXPECT_EQ(read.http_status, written.http_status);
  EXPECT_EQ(read.error_type, written.error_type);
  EXPECT_EQ(read.error_message, written.error_message);
  EXPECT_EQ(read.duration, written.duration);
  EXPECT_EQ(read.ttft, written.ttft);
  EXPECT_EQ(read.usage, written.usage);
  EXPECT_EQ(read.tool_call_count, written.tool_call_count);
  EXPECT_EQ(read.finish_reason, written.finish_reason);
  EXPECT_EQ(read.response_bytes, written.response_bytes);
  EXPECT_EQ(read.attempts, written.attempts);
  EXPECT_EQ(read.overhead, written.overhead);
  EXPECT_EQ(read.answered_as_asked, written.answered_as_asked);
  EXPECT_EQ(read.answered_name, written.answered_name);
  EXPECT_EQ(read.model_mismatch, written.model_mismatch);
}

TEST(EventRecord, KeepsEveryFactOfAStart) {
  const std::string payload = payload_of(facts());

  RequestFacts read;
  RecordName name;
  ASSERT_TRUE(read_started(payload, read));
  ASSERT_TRUE(read_name(RecordKind::Started, payload, name));

  EXPECT_EQ(read, facts());
  EXPECT_EQ(name.start, 0u) << "the ring gives it one";
}

TEST(EventRecord, KeepsEverythingOfAnEndWithItsOwnFactsOrItsStarts) {
  const Ended written = ended(facts());
  for (const EndFacts says : {EndFacts::Own, EndFacts::OfStart}) {
    const std::string payload = payload_of(written, says, 4711);

    RecordName name;
    RequestFacts own;
    Ended read{.facts = written.facts};
    ASSERT_TRUE(read_name(RecordKind::Ended, payload, name));
    ASSERT_TRUE(read_ended(payload, read));

    EXPECT_EQ(name.start, 4711u);
    EXPECT_EQ(name.facts, says);
    EXPECT_EQ(name.attempts, 2u);
    expect_equal(read, written);
    EXPECT_EQ(read_own_facts(payload, own), says == EndFacts::Own);
    if (says == EndFacts::Own) {
      EXPECT_EQ(own, facts());
    }
  }
}

TEST(EventRecord, KeepsOfALongTextMoreThanItsCapAndNotAll) {
  RequestFacts long_ones = facts();
  long_ones.user_agent = std::string(5'000, 'u');
  long_ones.request_id = std::string(5'000, 'i');

  RequestFacts read;
  ASSERT_TRUE(read_started(payload_of(long_ones), read));

  EXPECT_EQ(read.user_agent, std::string(260, 'u'));
  EXPECT_EQ(read.request_id, std::string(132, 'i'));
  EXPECT_EQ(read.session_id, facts().session_id);
}

TEST(EventRecord, KeepsAtMostTheContractsNumberOfAttempts) {
  Ended written = ended(facts());
  written.attempts.assign(100, written.attempts.front());

  Ended read{.facts = written.facts};
  ASSERT_TRUE(read_ended(payload_of(written, EndFacts::OfStart), read));

  EXPECT_EQ(read.attempts.size(), 64u);
  EXPECT_EQ(read.finish_reason, "end_turn");
}

TEST(EventRecord, TakesAtMost550BytesForAUsualRequest) {
  RequestFacts usual = facts();
  usual.requested_model = usual.resolved_model;
  usual.agent_id = usual.attempt_group = usual.kind = "";
  usual.session_id = std::string(36, 's');
  Ended end = ended(usual);
  end.attempts.erase(end.attempts.begin());
  end.error_type = end.error_message = end.answered_name = "";
  constexpr std::size_t Heads = 2 * 32;

  const std::size_t bytes =
      payload_of(*end.facts).size() + payload_of(end, EndFacts::OfStart).size() + Heads;

  EXPECT_LE(bytes, 550u);
}

TEST(EventRecord, RefusesAPayloadThatEndsTooEarly) {
  const std::string start = payload_of(facts());
  const std::string end = payload_of(ended(facts()), EndFacts::Own);
  RequestFacts read;
  Ended read_end{.facts = std::make_shared<const RequestFacts>(facts())};

  // The last few bytes fill a payload up to a multiple of 8.
  for (std::size_t cut = 0; cut + 8 < start.size(); ++cut) {
    EXPECT_FALSE(read_started(start.substr(0, cut), read)) << cut;
  }
  for (std::size_t cut = 0; cut + 8 < end.size(); ++cut) {
    EXPECT_FALSE(read_ended(end.substr(0, cut), read_end)) << cut;
  }
}

TEST(EventRecord, ReadsAnyBytesWithoutHarm) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string payload =
        payload_of(ended(facts()), round % 2 == 0 ? EndFacts::Own : EndFacts::OfStart);
    for (auto n = random() % 8; n > 0; --n) payload[random() % payload.size()] = char(random());
    RequestFacts read;
    Ended read_end{.facts = std::make_shared<const RequestFacts>(facts())};
    Gap gap;
    RecordName name;

    read_started(payload, read);
    read_own_facts(payload, read);
    read_ended(payload, read_end);
    read_gap(payload, gap);
    read_name(RecordKind::Ended, payload, name);

    EXPECT_LE(read_end.attempts.size(), 64u);
  }
}

}  // namespace
}  // namespace vdm::proxy::event_record_test
