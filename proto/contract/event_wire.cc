#include "proto/contract/event_wire.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <vdm/metrics/v1/event.pb.h>
#include <vdm/metrics/v1/ingest.pb.h>

#include "common/base/utf8.h"
#include "proto/contract/event_codec.h"
#include "proto/contract/event_limits.h"

namespace vdm {
namespace {

namespace v1 = metrics::v1;
using Length = WireBuffer::Length;

template <class Enum>
std::uint64_t number_of(Enum value) {
  return static_cast<std::uint64_t>(value);
}

void put_field(WireBuffer& out, int field, std::string_view text, std::size_t cap) {
  if (text.empty()) return;
  if (text.size() <= cap && is_ascii(text)) {
    return out.text(static_cast<std::uint32_t>(field), text);
  }
  std::string room;
  out.text(static_cast<std::uint32_t>(field), clean_utf8(text, cap, room));
}

void put_field(WireBuffer& out, int field, std::uint64_t value) {
  out.varint(static_cast<std::uint32_t>(field), value);
}

// What an event can be at most: every text at its cap, every number at its widest.
constexpr std::size_t FieldMax = 16;  // a number and a length, or a number and a varint
constexpr std::size_t FactsMax = 20 * FieldMax + Caps::RequestId + 10 * std::size_t{Caps::Text};
constexpr std::size_t AttemptMax = 9 * FieldMax + 3 * std::size_t{Caps::Text};
constexpr std::size_t EventMax =
    34 * FieldMax + FactsMax + Caps::Attempts * AttemptMax + 5 * std::size_t{Caps::Text};
static_assert(EventMax < 1 << 21, "an event does not fit its length: see Length::Of2MiB");
static_assert(Caps::BatchEvents * EventMax < 1 << 28,
              "a batch does not fit its length: see Length::Of256MiB");

template <class Write>
void put_message(WireBuffer& out, int field, Write&& write) {
  out.message(static_cast<std::uint32_t>(field), Length::Of2MiB, write);
}

void write(const RequestFacts& facts, WireBuffer& out) {
  using M = v1::RequestFacts;
  put_field(out, M::kRequestIdFieldNumber, facts.request_id, Caps::RequestId);
  put_field(out, M::kStartedAtUnixUsFieldNumber, number_of(to_wall_us(facts.started_at)));
  put_field(out, M::kClientDialectFieldNumber, number_of(facts.client_dialect));
  put_field(out, M::kUpstreamDialectFieldNumber, number_of(facts.upstream_dialect));
  put_field(out, M::kRequestedModelFieldNumber, facts.requested_model, Caps::Text);
  put_field(out, M::kResolvedModelFieldNumber, facts.resolved_model, Caps::Text);
  put_field(out, M::kProviderFieldNumber, facts.provider, Caps::Word);
  put_field(out, M::kStreamingFieldNumber, number_of(facts.streaming));
  put_field(out, M::kMessageCountFieldNumber, facts.message_count);
  put_field(out, M::kRequestBytesFieldNumber, to_count(facts.request_bytes));
  put_field(out, M::kToolUseCountFieldNumber, facts.tool_use_count);
  put_field(out, M::kToolResultCountFieldNumber, facts.tool_result_count);
  put_field(out, M::kClientLabelFieldNumber, facts.client_label, Caps::Word);
  put_field(out, M::kUserAgentFieldNumber, facts.user_agent, Caps::Text);
  put_field(out, M::kSessionIdFieldNumber, facts.session_id, Caps::Text);
  put_field(out, M::kAgentIdFieldNumber, facts.agent_id, Caps::Text);
  put_field(out, M::kTraceIdFieldNumber, facts.trace_id, Caps::Word);
  put_field(out, M::kAttemptGroupFieldNumber, facts.attempt_group, Caps::Text);
  put_field(out, M::kKindFieldNumber, facts.kind, Caps::Word);
  put_field(out, M::kCredentialFieldNumber, number_of(facts.credential));
}

/// Remembers where in a batch the facts of a request were written. Most requests end within the
/// batch in which they start, so their end can copy the facts' bytes from there. It compares facts
/// by address, so use it only while the batch's events keep their facts alive.
class WrittenFacts {
 public:
  /// Writes the facts as a field of a start or of an end; both use the same field number.
  void write(const FactsPtr& facts, WireBuffer& out) {
    constexpr int Field = v1::RequestStarted::kFactsFieldNumber;
    static_assert(Field == int{v1::RequestEnded::kFactsFieldNumber});
    if (!facts) return;
    Place& place = places_[(reinterpret_cast<std::uintptr_t>(facts.get()) >> 6) % places_.size()];
    if (place.facts == facts.get()) return out.repeat(place.begin, place.size);
    place = {.facts = facts.get(), .begin = out.size()};
    put_message(out, Field, [&] { vdm::write(*facts, out); });
    place.size = out.size() - place.begin;
  }

 private:
  struct Place {
    const RequestFacts* facts = nullptr;
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  std::array<Place, 128> places_{};
};

void write(const Usage& usage, WireBuffer& out) {
  using M = v1::Usage;
  put_field(out, M::kInputTokensFieldNumber, to_count(usage.input_tokens));
  put_field(out, M::kOutputTokensFieldNumber, to_count(usage.output_tokens));
  put_field(out, M::kCacheReadTokensFieldNumber, to_count(usage.cache_read_tokens));
  put_field(out, M::kCacheCreationTokensFieldNumber, to_count(usage.cache_creation_tokens));
  put_field(out, M::kReasoningTokensFieldNumber, to_count(usage.reasoning_tokens));
  put_field(out, M::kInputEstimatedFieldNumber, number_of(usage.input_estimated));
  put_field(out, M::kOutputEstimatedFieldNumber, number_of(usage.output_estimated));
}

void write(const Attempt& attempt, WireBuffer& out) {
  using M = v1::Attempt;
  put_field(out, M::kProviderFieldNumber, attempt.provider, Caps::Word);
  put_field(out, M::kResolvedModelFieldNumber, attempt.resolved_model, Caps::Text);
  put_field(out, M::kHttpStatusFieldNumber, std::min(attempt.http_status, HttpStatusMax));
  put_field(out, M::kErrorTypeFieldNumber, attempt.error_type, Caps::Word);
  put_field(out, M::kStartedAfterUsFieldNumber, to_us(attempt.started_after));
  put_field(out, M::kConnectedAfterUsFieldNumber, to_us(attempt.connected_after));
  put_field(out, M::kFirstByteAfterUsFieldNumber, to_us(attempt.first_byte_after));
  put_field(out, M::kEndedAfterUsFieldNumber, to_us(attempt.ended_after));
  put_field(out, M::kConnectionReusedFieldNumber, number_of(attempt.connection_reused));
}

void write(const Started& started, WrittenFacts& written, WireBuffer& out) {
  written.write(started.facts, out);
}

void write(const Progressed& progressed, WrittenFacts&, WireBuffer& out) {
  using M = v1::RequestProgressed;
  put_field(out, M::kRequestIdFieldNumber, progressed.request_id, Caps::RequestId);
  put_field(out, M::kPhaseFieldNumber, number_of(progressed.phase));
  put_field(out, M::kElapsedUsFieldNumber, to_us(progressed.elapsed));
  if (progressed.ttft) out.present_varint(M::kTtftUsFieldNumber, to_us(*progressed.ttft));
  put_message(out, M::kUsageFieldNumber, [&] { write(progressed.usage, out); });
  put_field(out, M::kResponseBytesFieldNumber, to_count(progressed.response_bytes));
  put_field(out, M::kToolCallCountFieldNumber, progressed.tool_call_count);
  put_field(out, M::kAttemptFieldNumber, progressed.attempt);
  put_field(out, M::kSinceLastByteUsFieldNumber, to_us(progressed.since_last_byte));
  put_field(out, M::kOtherModelFieldNumber, progressed.other_model, Caps::Text);
}

void write(const Ended& ended, WrittenFacts& written, WireBuffer& out) {
  using M = v1::RequestEnded;
  written.write(ended.facts, out);
  put_field(out, M::kOutcomeFieldNumber, number_of(ended.outcome));
  put_field(out, M::kHttpStatusFieldNumber, std::min(ended.http_status, HttpStatusMax));
  put_field(out, M::kErrorTypeFieldNumber, ended.error_type, Caps::Word);
  put_field(out, M::kErrorMessageFieldNumber, ended.error_message, Caps::Text);
  put_field(out, M::kDurationUsFieldNumber, to_us(ended.duration));
  if (ended.ttft) out.present_varint(M::kTtftUsFieldNumber, to_us(*ended.ttft));
  put_message(out, M::kUsageFieldNumber, [&] { write(ended.usage, out); });
  put_field(out, M::kToolCallCountFieldNumber, ended.tool_call_count);
  put_field(out, M::kFinishReasonFieldNumber, ended.finish_reason, Caps::Word);
  put_field(out, M::kResponseBytesFieldNumber, to_count(ended.response_bytes));
  const std::size_t attempts = std::min(ended.attempts.size(), Caps::Attempts);
  for (std::size_t at = 0; at < attempts; ++at) {
    put_message(out, M::kAttemptsFieldNumber, [&] { write(ended.attempts[at], out); });
  }
  put_field(out, M::kOverheadUsFieldNumber, to_us(ended.overhead));
  put_field(out, M::kAnsweredModelFieldNumber, answered_model(ended), Caps::Text);
  put_field(out, M::kModelMismatchFieldNumber, number_of(ended.model_mismatch));
}

void write(const Gap& gap, WrittenFacts&, WireBuffer& out) {
  using M = v1::Gap;
  put_field(out, M::kFromSeqFieldNumber, gap.from_seq);
  put_field(out, M::kToSeqFieldNumber, gap.to_seq);
  put_field(out, M::kEndedCountFieldNumber, to_count(gap.ended_count));
}

int field_of(const Event& event) {
  if (std::holds_alternative<Started>(event)) return v1::Event::kStartedFieldNumber;
  if (std::holds_alternative<Progressed>(event)) return v1::Event::kProgressedFieldNumber;
  if (std::holds_alternative<Ended>(event)) return v1::Event::kEndedFieldNumber;
  return v1::Event::kGapFieldNumber;
}

void write_event(const Event& event, WrittenFacts& facts, WireBuffer& out) {
  put_message(out, field_of(event),
              [&] { std::visit([&](const auto& kind) { write(kind, facts, out); }, event); });
}

}  // namespace

void write_event(const Event& event, WireBuffer& out) {
  WrittenFacts none;
  write_event(event, none, out);
}

void write_batch_request(std::uint64_t first_seq, std::span<const Event* const> events,
                         WireBuffer& out) {
  WrittenFacts facts;
  out.message(v1::ReportRequest::kBatchFieldNumber, Length::Of256MiB, [&] {
    put_field(out, v1::Batch::kFirstSeqFieldNumber, first_seq);
    for (const Event* event : events) {
      put_message(out, v1::Batch::kEventsFieldNumber, [&] { write_event(*event, facts, out); });
    }
  });
}

}  // namespace vdm
