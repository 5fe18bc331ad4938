#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <vdm/metrics/v1/ingest.pb.h>

#include "metrics-service/ingest/ingest_message.h"
#include "proto/contract/event_limits.h"
#include "tests/proto/contract/full_events.h"

// Every number of every message that a proxy can send, and what becomes of one that cannot be.

namespace vdm::metrics::ingest_numbers_test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

enum class Beyond {
  LeftOut,  ///< as if it had not been told, and counted
  Refused,
  Taken,  ///< any value does: it is compared with another, or never read
};

struct Rule {
  std::uint64_t most = 0;
  Beyond beyond = Beyond::LeftOut;
};

constexpr Rule Any{std::numeric_limits<std::uint64_t>::max(), Beyond::Taken};
constexpr Rule Sequence{CountMax, Beyond::Refused};
constexpr Rule Tokens{1'000'000'000};
constexpr Rule Items{1'000'000};
constexpr Rule Bytes{1'099'511'627'776};
constexpr Rule Status{599};
constexpr Rule Duration{31'622'400'000'000};
constexpr Rule WallTimes{7'258'118'399'000'000};
constexpr Rule Events{1'000'000'000'000'000};

const std::map<std::string, Rule> Rules{
    {"Hello.protocol", {1, Beyond::Refused}},
    {"Hello.boot_unix_us", WallTimes},
    {"Hello.boot_monotonic_us", Any},
    {"Hello.oldest_unacked_seq", Sequence},
    {"DroppedCounts.started", Events},
    {"DroppedCounts.progressed", Events},
    {"DroppedCounts.ended", Events},
    {"Heartbeat.monotonic_us", Any},
    {"Heartbeat.active_count", {10'000'000}},
    {"Heartbeat.active_hash", Any},
    {"Heartbeat.as_of_seq", Sequence},
    {"Heartbeat.buffered_bytes", {70'368'744'177'664}},
    {"Heartbeat.rejections_unlisted", Events},
    {"ActiveSnapshot.as_of_seq", Sequence},
    {"Batch.first_seq", Sequence},
    {"RequestFacts.started_at_unix_us", WallTimes},
    {"RequestFacts.message_count", Items},
    {"RequestFacts.request_bytes", Bytes},
    {"RequestFacts.tool_use_count", Items},
    {"RequestFacts.tool_result_count", Items},
    {"Usage.input_tokens", Tokens},
    {"Usage.output_tokens", Tokens},
    {"Usage.cache_read_tokens", Tokens},
    {"Usage.cache_creation_tokens", Tokens},
    {"Usage.reasoning_tokens", Tokens},
    {"Attempt.http_status", Status},
    {"Attempt.started_after_us", Duration},
    {"Attempt.connected_after_us", Duration},
    {"Attempt.first_byte_after_us", Duration},
    {"Attempt.ended_after_us", Duration},
    {"RequestProgressed.elapsed_us", Duration},
    {"RequestProgressed.ttft_us", Duration},
    {"RequestProgressed.response_bytes", Bytes},
    {"RequestProgressed.tool_call_count", Items},
    {"RequestProgressed.attempt", {1'000}},
    {"RequestProgressed.since_last_byte_us", Duration},
    {"RequestEnded.http_status", Status},
    {"RequestEnded.duration_us", Duration},
    {"RequestEnded.ttft_us", Duration},
    {"RequestEnded.tool_call_count", Items},
    {"RequestEnded.response_bytes", Bytes},
    {"RequestEnded.overhead_us", Duration},
    {"Gap.from_seq", Sequence},
    {"Gap.to_seq", Sequence},
    {"Gap.ended_count", {1'000'000'000'000}},
};

bool is_number(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return true;
    default:
      return false;
  }
}

std::string name_of(const FieldDescriptor& field) {
  return field.containing_type()->name() + "." + field.name();
}

void find_numbers(const Descriptor& message, std::set<std::string>& seen,
                  std::set<std::string>& numbers) {
  if (!seen.insert(message.full_name()).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (is_number(field)) numbers.insert(name_of(field));
    if (field.message_type() != nullptr) find_numbers(*field.message_type(), seen, numbers);
  }
}

/// One message of each kind, with every number in it somewhere.
std::vector<v1::ReportRequest> full_requests() {
  std::vector<v1::ReportRequest> requests(4);
  v1::Hello& hello = *requests[0].mutable_hello();
  hello.set_instance_id("instance-1");
  hello.set_proxy_name("proxy-1");
  hello.set_protocol(1);
  hello.mutable_dropped();
  v1::Batch& batch = *requests[1].mutable_batch();
  batch.set_first_seq(1);
  encode(Event(Started{full_ended().facts}), *batch.add_events());
  encode(Event(full_progress()), *batch.add_events());
  encode(Event(full_ended()), *batch.add_events());
  encode(Event(Gap{.from_seq = 4, .to_seq = 9, .ended_count = 1}), *batch.add_events());
  requests[2].mutable_heartbeat()->mutable_dropped();
  v1::ActiveRequest& active = *requests[3].mutable_active_snapshot()->add_requests();
  active.set_request_id(full_facts().request_id);
  encode(full_facts(), *active.mutable_facts());
  encode(full_progress(), *active.mutable_progress());
  return requests;
}

/// Calls `use` for each place in the message and all that is in it where a number may stand.
template <class Use>
void each_number(Message& message, const Use& use) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (is_number(field)) use(message, field);
    if (field.message_type() == nullptr) continue;
    const auto& reflection = *message.GetReflection();
    if (!field.is_repeated()) {
      if (reflection.HasField(message, &field)) {
        each_number(*reflection.MutableMessage(&message, &field), use);
      }
      continue;
    }
    for (int at = 0; at < reflection.FieldSize(message, &field); ++at) {
      each_number(*reflection.MutableRepeatedMessage(&message, &field, at), use);
    }
  }
}

/// False: the field cannot hold this number.
bool set(Message& message, const FieldDescriptor& field, std::uint64_t value) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      if (value > std::numeric_limits<std::uint32_t>::max()) return false;
      reflection.SetUInt32(&message, &field, static_cast<std::uint32_t>(value));
      return true;
    case FieldDescriptor::CPPTYPE_UINT64:
      reflection.SetUInt64(&message, &field, value);
      return true;
    case FieldDescriptor::CPPTYPE_INT64:  // the largest stands for -1
      reflection.SetInt64(&message, &field, static_cast<std::int64_t>(value));
      return true;
    default:
      ADD_FAILURE() << name_of(field) << ": no rule for its type";
      return false;
  }
}

std::string text_of(const DroppedCounts& dropped) {
  return std::to_string(dropped.started) + "/" + std::to_string(dropped.progressed) + "/" +
         std::to_string(dropped.ended);
}
template <class V1, class Value>
std::string text_of(const Value& value) {
  V1 message;
  encode(value, message);
  return message.DebugString();
}

/// All that is kept of a message, as text.
std::string text_of(const IngestMessage& message) {
  if (const auto* hello = std::get_if<ProxyHello>(&message)) {
    return hello->instance_id + " " + std::to_string(hello->boot.time_since_epoch().count()) + " " +
           std::to_string(hello->oldest_unacked_seq) + " " + text_of(hello->dropped);
  }
  if (const auto* heartbeat = std::get_if<ProxyHeartbeat>(&message)) {
    return std::to_string(heartbeat->active_count) + " " + std::to_string(heartbeat->as_of_seq) +
           " " + std::to_string(heartbeat->buffered_bytes) + " " +
           std::to_string(heartbeat->rejections_unlisted) + " " + text_of(heartbeat->dropped);
  }
  std::string text;
  if (const auto* batch = std::get_if<DecodedBatch>(&message)) {
    for (const Event& event : batch->events) text += text_of<v1::Event>(event);
  } else if (const auto* part = std::get_if<SnapshotPart>(&message)) {
    for (const ActiveEntry& entry : part->entries) {
      text += text_of<v1::RequestFacts>(*entry.facts);
      text += text_of<v1::RequestProgressed>(*entry.progress);
    }
  }
  return text;
}

struct Decoded {
  std::string kept;  ///< "refused" when it was
  std::uint64_t left_out = 0;
};
Decoded decoded(const v1::ReportRequest& request) {
  LeftOut left_out;
  const auto message = decode(request, left_out);
  const bool taken = message && !std::holds_alternative<WrongProtocol>(*message);
  return {taken ? text_of(*message) : "refused", left_out.numbers};
}

/// Which numbers stand in a batch's order, so that not every value fits there.
bool is_bound_to_its_place(const std::string& name) {
  return name == "Batch.first_seq" || name == "Gap.from_seq" || name == "Gap.to_seq" ||
         name == "Hello.protocol";
}

TEST(IngestNumbers, HaveARuleEachAndNoRuleIsIdle) {
  std::set<std::string> seen;
  std::set<std::string> numbers;
  find_numbers(*v1::ReportRequest::descriptor(), seen, numbers);

  std::set<std::string> ruled;
  for (const auto& [name, rule] : Rules) ruled.insert(name);
  EXPECT_EQ(numbers, ruled);
}

TEST(IngestNumbers, AreAllInTheMessagesOfTheTestBelow) {
  std::set<std::string> found;
  for (v1::ReportRequest& request : full_requests()) {
    EXPECT_NE(decoded(request).kept, "refused");
    each_number(request,
                [&](Message&, const FieldDescriptor& field) { found.insert(name_of(field)); });
  }

  EXPECT_EQ(found.size(), Rules.size());
}

TEST(IngestNumbers, AreTakenUpToTheirBoundAndNoFurther) {
  for (v1::ReportRequest request : full_requests()) {
    each_number(request, [&](Message& message, const FieldDescriptor& field) {
      const std::string name = name_of(field);
      const Rule& rule = Rules.at(name);
      const std::unique_ptr<Message> before(message.New());
      before->CopyFrom(message);
      const auto with = [&](std::uint64_t value) {
        const bool fits = set(message, field, value);
        const Decoded result = decoded(request);
        message.CopyFrom(*before);
        return std::pair(fits, result);
      };
      message.GetReflection()->ClearField(&message, &field);
      const Decoded untold = decoded(request);
      message.CopyFrom(*before);

      if (!is_bound_to_its_place(name)) {
        for (const std::uint64_t good : {std::uint64_t{0}, rule.most}) {
          const auto [fits, result] = with(good);
          EXPECT_NE(result.kept, "refused") << name << " " << good;
          EXPECT_EQ(result.left_out, 0u) << name << " " << good;
        }
      }
      if (rule.beyond == Beyond::Taken) return;
      for (const std::uint64_t bad : {rule.most + 1, std::numeric_limits<std::uint64_t>::max(),
                                      std::uint64_t{std::numeric_limits<std::uint32_t>::max()}}) {
        const auto [fits, result] = with(bad);
        if (!fits || bad <= rule.most) continue;
        if (rule.beyond == Beyond::Refused) {
          EXPECT_EQ(result.kept, "refused") << name << " " << bad;
        } else {
          EXPECT_EQ(result.kept, untold.kept) << name << " " << bad;
          EXPECT_EQ(result.left_out, 1u) << name << " " << bad;
        }
      }
    });
  }
}

}  // namespace
}  // namespace vdm::metrics::ingest_numbers_test
