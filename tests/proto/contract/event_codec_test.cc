#include "proto/contract/event_codec.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <vdm/metrics/v1/ingest.pb.h>

#include "common/base/utf8.h"
#include "proto/contract/event_limits.h"
#include "tests/proto/contract/full_events.h"

namespace vdm::event_codec_test {
namespace {

namespace v1 = metrics::v1;

template <class T>
T round_trip(const T& event) {
  v1::Event message;
  encode(Event(event), message);
  std::string wire;
  message.SerializeToString(&wire);
  v1::Event received;
  EXPECT_TRUE(received.ParseFromString(wire));
  LeftOut left_out;
  const auto decoded = decode(received, left_out);
  EXPECT_TRUE(decoded.has_value()) << decoded.error().message;
  return std::get<T>(*decoded);
}

std::string fault_of(const v1::Event& message) {
  LeftOut left_out;
  const auto decoded = decode(message, left_out);
  return decoded ? "accepted" : decoded.error().message;
}

v1::Event ended_message() {
  v1::Event message;
  encode(Event(full_ended()), message);
  return message;
}

/// Names of the fields of `message` that still have their default value.
std::vector<std::string> unset_fields(const google::protobuf::Message& message) {
  std::vector<std::string> unset;
  const auto* type = message.GetDescriptor();
  for (int at = 0; at < type->field_count(); ++at) {
    const auto* field = type->field(at);
    const auto* reflection = message.GetReflection();
    const bool set = field->is_repeated() ? reflection->FieldSize(message, field) > 0
                                          : reflection->HasField(message, field);
    if (!set) unset.push_back(field->full_name());
  }
  return unset;
}

TEST(EventCodec, KeepsEveryFieldOfStarted) {
  const auto facts = std::make_shared<const RequestFacts>(full_facts());

  const Started back = round_trip(Started{facts});

  EXPECT_EQ(*back.facts, *facts);
}

TEST(EventCodec, KeepsEveryFieldOfProgressed) {
  EXPECT_EQ(round_trip(full_progress()), full_progress());
}

TEST(EventCodec, KeepsEveryFieldOfEnded) {
  const Ended ended = full_ended();

  const Ended back = round_trip(ended);

  EXPECT_EQ(*back.facts, *ended.facts);
  EXPECT_EQ(back.outcome, ended.outcome);
  EXPECT_EQ(back.http_status, ended.http_status);
  EXPECT_EQ(back.error_type, ended.error_type);
  EXPECT_EQ(back.error_message, ended.error_message);
  EXPECT_EQ(back.duration, ended.duration);
  EXPECT_EQ(back.ttft, ended.ttft);
  EXPECT_EQ(back.usage, ended.usage);
  EXPECT_EQ(back.tool_call_count, ended.tool_call_count);
  EXPECT_EQ(back.finish_reason, ended.finish_reason);
  EXPECT_EQ(back.response_bytes, ended.response_bytes);
  EXPECT_EQ(back.attempts, ended.attempts);
  EXPECT_EQ(back.overhead, ended.overhead);
  EXPECT_EQ(back.answered_name, ended.answered_name);
  EXPECT_EQ(back.model_mismatch, ended.model_mismatch);
}

TEST(EventCodec, SaysTheModelThatWasAskedWhenTheAnswerNamesIt) {
  Ended ended = full_ended();
  ended.answered_name.clear();
  ended.answered_as_asked = true;
  v1::Event message;
  encode(Event(ended), message);
  EXPECT_EQ(message.ended().answered_model(), "chat-1");

  const Ended back = round_trip(ended);

  EXPECT_TRUE(back.answered_as_asked);
  EXPECT_EQ(back.answered_name, "");
  EXPECT_EQ(answered_model(back), "chat-1");
}

TEST(EventCodec, KeepsEveryFieldOfGap) {
  const Gap gap{.from_seq = 3, .to_seq = 9, .ended_count = 4};

  EXPECT_EQ(round_trip(gap), gap);
}

TEST(EventCodec, HasAFieldInTheTwinForEveryFieldInTheMessage) {
  const v1::Event ended = ended_message();
  v1::RequestProgressed progressed;
  encode(full_progress(), progressed);

  EXPECT_EQ(unset_fields(ended.ended()), std::vector<std::string>{});
  EXPECT_EQ(unset_fields(ended.ended().facts()), std::vector<std::string>{});
  EXPECT_EQ(unset_fields(ended.ended().usage()), std::vector<std::string>{});
  EXPECT_EQ(unset_fields(ended.ended().attempts(0)), std::vector<std::string>{});
  EXPECT_EQ(unset_fields(progressed), std::vector<std::string>{});
}

TEST(EventCodec, TellsNoFirstTokenFromOneAtZero) {
  Progressed none = full_progress();
  none.ttft.reset();
  Progressed zero = full_progress();
  zero.ttft = Micros(0);

  EXPECT_EQ(round_trip(none).ttft, std::nullopt);
  EXPECT_EQ(round_trip(zero).ttft, Micros(0));
}

TEST(EventCodec, EncodesHostileTextSoThatThePeerAcceptsIt) {
  RequestFacts facts = full_facts();
  facts.requested_model = std::string(10'000, '\xff');
  facts.user_agent = "a\0b\xc3";
  facts.session_id = "\xed\xa0\x80";
  Ended ended = full_ended();
  ended.facts = std::make_shared<const RequestFacts>(facts);
  ended.error_message = std::string(255, 'x') + "é";
  ended.attempts.resize(1000);
  ended.duration = Micros(-1);
  ended.overhead = Micros::max();
  ended.usage.input_tokens = ~0ull;
  ended.http_status = 70'000;

  const Ended back = round_trip(ended);

  EXPECT_LE(back.facts->requested_model.size(), Caps::Text);
  EXPECT_TRUE(is_utf8(back.facts->requested_model));
  EXPECT_EQ(back.facts->session_id, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(back.error_message, std::string(255, 'x'));
  EXPECT_EQ(back.attempts.size(), Caps::Attempts);
  EXPECT_EQ(back.duration, Micros(0));
  EXPECT_EQ(back.usage.input_tokens, 0u) << "left out: no request has so many";
  EXPECT_EQ(back.http_status, HttpStatusMax);
}

TEST(EventCodec, LeavesNothingOfTheLastUseInAMessageThatIsUsedAgain) {
  v1::Event message = ended_message();
  message.Clear();
  RequestFacts facts;
  facts.request_id = "req_2";
  encode(Event(Started{std::make_shared<const RequestFacts>(facts)}), message);

  LeftOut left_out;
  const auto back = decode(message, left_out);

  EXPECT_EQ(*std::get<Started>(*back).facts, facts);
}

TEST(EventCodec, RefusesARequestWithoutAnId) {
  v1::Event message = ended_message();
  message.mutable_ended()->mutable_facts()->clear_request_id();

  EXPECT_EQ(fault_of(message), "ended.facts.request_id: expected 1..128 visible ASCII characters");
}

TEST(EventCodec, RefusesIdsThatAreLongOrNotPlain) {
  for (const std::string& id : {std::string(129, 'a'), std::string("a b"), std::string("a\nb"),
                                std::string("\xc3\xa9"), std::string("a\0b", 3)}) {
    v1::Event message = ended_message();
    message.mutable_ended()->mutable_facts()->set_request_id(id);

    EXPECT_NE(fault_of(message), "accepted") << id;
  }
}

TEST(EventCodec, CutsTextThatIsTooLong) {
  v1::Event message = ended_message();
  message.mutable_ended()->set_error_message(std::string(5000, 'x'));

  LeftOut left_out;
  const auto back = decode(message, left_out);

  EXPECT_EQ(std::get<Ended>(*back).error_message.size(), Caps::Text);
}

TEST(EventCodec, RefusesTextThatIsNotUtf8) {
  v1::Event message = ended_message();
  message.mutable_ended()->mutable_facts()->set_provider("\xff");

  EXPECT_EQ(fault_of(message), "ended.facts.provider: expected UTF-8");
}

TEST(EventCodec, RefusesOutcomesThatAProxyCannotSay) {
  for (const int outcome : {-1, 0, static_cast<int>(v1::OUTCOME_LOST), 99}) {
    v1::Event message = ended_message();
    message.mutable_ended()->set_outcome(static_cast<v1::Outcome>(outcome));

    EXPECT_EQ(fault_of(message), "ended.outcome: expected a known value") << outcome;
  }
}

TEST(EventCodec, RefusesADialectItDoesNotKnowAndMoreAttemptsThanThereAre) {
  v1::Event dialect = ended_message();
  dialect.mutable_ended()->mutable_facts()->set_client_dialect(static_cast<v1::Dialect>(9));
  v1::Event attempts = ended_message();
  while (attempts.ended().attempts_size() < 65) attempts.mutable_ended()->add_attempts();

  EXPECT_EQ(fault_of(dialect), "ended.facts.client_dialect: expected a known value");
  EXPECT_EQ(fault_of(attempts), "ended.attempts: expected at most 64 entries");
}

TEST(EventCodec, LeavesANumberOutThatNoRequestHasAndKeepsTheRest) {
  v1::Event message = ended_message();
  message.mutable_ended()->mutable_usage()->set_output_tokens(TokensMax + 1);
  message.mutable_ended()->set_ttft_us(DurationMaxUs + 1);

  LeftOut left_out;
  const auto back = std::get<Ended>(*decode(message, left_out));

  EXPECT_EQ(left_out.numbers, 2u);
  EXPECT_EQ(back.usage.output_tokens, 0u);
  EXPECT_EQ(back.usage.input_tokens, full_usage().input_tokens);
  EXPECT_EQ(back.ttft, std::nullopt);
  EXPECT_EQ(back.duration, full_ended().duration);
}

TEST(EventCodec, RefusesAnEventWithoutAKind) { EXPECT_NE(fault_of(v1::Event()), "accepted"); }

Result<DecodedBatch> decoded(const v1::Batch& batch) {
  LeftOut left_out;
  return decode(batch, left_out);
}

v1::Batch batch_of(std::uint64_t first_seq, const std::vector<Event>& events) {
  v1::Batch batch;
  batch.set_first_seq(first_seq);
  for (const Event& event : events) encode(event, *batch.add_events());
  return batch;
}

TEST(EventCodec, CountsTheSequenceOfABatchAcrossItsGaps) {
  const auto batch = decoded(batch_of(5, {full_progress(), Gap{6, 20, 1}, full_progress()}));

  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->first_seq, 5u);
  EXPECT_EQ(batch->last_seq, 21u);
}

TEST(EventCodec, RefusesAGapThatIsNotWhereItStands) {
  const auto batch = decoded(batch_of(5, {full_progress(), Gap{7, 20, 1}}));

  ASSERT_FALSE(batch.has_value());
  EXPECT_EQ(batch.error().message, "batch.events[1].gap.from_seq: expected 6");
}

TEST(EventCodec, RefusesBatchesThatAreEmptyTooLongOrUnnumbered) {
  const std::vector<Event> many(513, Event(full_progress()));

  EXPECT_FALSE(decoded(batch_of(1, {})).has_value());
  EXPECT_FALSE(decoded(batch_of(1, many)).has_value());
  EXPECT_FALSE(decoded(batch_of(0, {full_progress()})).has_value());
  EXPECT_FALSE(decoded(batch_of(CountMax + 1, {full_progress()})).has_value());
}

}  // namespace
}  // namespace vdm::event_codec_test
