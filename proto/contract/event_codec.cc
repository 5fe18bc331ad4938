#include "proto/contract/event_codec.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <vdm/metrics/v1/event.pb.h>
#include <vdm/metrics/v1/ingest.pb.h>

#include "common/base/utf8.h"
#include "proto/contract/event_limits.h"
#include "proto/contract/message_reader.h"

namespace vdm {
namespace {

namespace v1 = metrics::v1;

// From C++ to protobuf.

/// Assigns in place, so that a message in reuse keeps the memory of its strings.
template <class Message>
void put(Message& out, std::string* (Message::*field)(), std::string_view text, std::size_t cap) {
  if (text.empty()) return;
  std::string room;
  const std::string_view legal = clean_utf8(text, cap, room);
  (out.*field)()->assign(legal.data(), legal.size());
}

void encode(const Usage& usage, v1::Usage& out) {
  out.set_input_tokens(to_count(usage.input_tokens));
  out.set_output_tokens(to_count(usage.output_tokens));
  out.set_cache_read_tokens(to_count(usage.cache_read_tokens));
  out.set_cache_creation_tokens(to_count(usage.cache_creation_tokens));
  out.set_reasoning_tokens(to_count(usage.reasoning_tokens));
  out.set_input_estimated(usage.input_estimated);
  out.set_output_estimated(usage.output_estimated);
}

void encode(const Attempt& attempt, v1::Attempt& out) {
  put(out, &v1::Attempt::mutable_provider, attempt.provider, Caps::Word);
  put(out, &v1::Attempt::mutable_resolved_model, attempt.resolved_model, Caps::Text);
  out.set_http_status(std::min(attempt.http_status, HttpStatusMax));
  put(out, &v1::Attempt::mutable_error_type, attempt.error_type, Caps::Word);
  out.set_started_after_us(to_us(attempt.started_after));
  out.set_connected_after_us(to_us(attempt.connected_after));
  out.set_first_byte_after_us(to_us(attempt.first_byte_after));
  out.set_ended_after_us(to_us(attempt.ended_after));
  out.set_connection_reused(attempt.connection_reused);
}

// From protobuf to C++.

Error refuse(std::string_view field, std::string_view expected) {
  std::string message(field);
  message.append(": expected ").append(expected);
  return Error{ErrorKind::InvalidRequest, std::move(message)};
}

void decode(const v1::Usage& in, MessageReader& read, Usage& out) {
  read.number(in.input_tokens(), TokensMax, out.input_tokens);
  read.number(in.output_tokens(), TokensMax, out.output_tokens);
  read.number(in.cache_read_tokens(), TokensMax, out.cache_read_tokens);
  read.number(in.cache_creation_tokens(), TokensMax, out.cache_creation_tokens);
  read.number(in.reasoning_tokens(), TokensMax, out.reasoning_tokens);
  out.input_estimated = in.input_estimated();
  out.output_estimated = in.output_estimated();
}

Result<Attempt> decode(const v1::Attempt& in, LeftOut& left_out) {
  Attempt out;
  MessageReader read(left_out);
  read.text("provider", in.provider(), Caps::Word, out.provider);
  read.text("resolved_model", in.resolved_model(), Caps::Text, out.resolved_model);
  read.number(in.http_status(), HttpStatusMax, out.http_status);
  read.text("error_type", in.error_type(), Caps::Word, out.error_type);
  read.duration(in.started_after_us(), out.started_after);
  read.duration(in.connected_after_us(), out.connected_after);
  read.duration(in.first_byte_after_us(), out.first_byte_after);
  read.duration(in.ended_after_us(), out.ended_after);
  out.connection_reused = in.connection_reused();
  return read.finish(std::move(out));
}

Result<Ended> decode(const v1::RequestEnded& in, LeftOut& left_out) {
  Ended out;
  MessageReader read(left_out);
  auto facts = vdm::decode(in.facts(), left_out);
  if (!facts) return Error{facts.error().kind, "facts." + facts.error().message};
  out.facts = std::make_shared<const RequestFacts>(std::move(*facts));
  read.choice("outcome", in.outcome(), Outcome::CancelledByOperator, out.outcome);
  if (in.outcome() == v1::OUTCOME_UNSPECIFIED) read.fail("outcome", "a known value");
  read.number(in.http_status(), HttpStatusMax, out.http_status);
  read.text("error_type", in.error_type(), Caps::Word, out.error_type);
  read.text("error_message", in.error_message(), Caps::Text, out.error_message);
  read.duration(in.duration_us(), out.duration);
  if (in.has_ttft_us()) read.duration(in.ttft_us(), out.ttft);
  decode(in.usage(), read, out.usage);
  read.number(in.tool_call_count(), ItemsMax, out.tool_call_count);
  read.text("finish_reason", in.finish_reason(), Caps::Word, out.finish_reason);
  read.number(in.response_bytes(), BytesMax, out.response_bytes);
  read.duration(in.overhead_us(), out.overhead);
  std::string answered;
  read.text("answered_model", in.answered_model(), Caps::Text, answered);
  set_answered_model(out, std::move(answered));
  out.model_mismatch = in.model_mismatch();
  if (static_cast<std::size_t>(in.attempts_size()) > Caps::Attempts) {
    return refuse("attempts", "at most 64 entries");
  }
  out.attempts.reserve(static_cast<std::size_t>(in.attempts_size()));
  for (const v1::Attempt& each : in.attempts()) {
    auto attempt = decode(each, left_out);
    if (!attempt) return Error{attempt.error().kind, "attempts." + attempt.error().message};
    out.attempts.push_back(std::move(*attempt));
  }
  return read.finish(std::move(out));
}

Result<Gap> decode(const v1::Gap& in, LeftOut& left_out) {
  Gap out;
  MessageReader read(left_out);
  read.sequence("from_seq", in.from_seq(), out.from_seq);
  read.sequence("to_seq", in.to_seq(), out.to_seq);
  read.number(in.ended_count(), GapEndedMax, out.ended_count);
  if (in.from_seq() == 0) read.fail("from_seq", "at least 1");
  if (in.to_seq() < in.from_seq()) read.fail("to_seq", "at least from_seq");
  return read.finish(out);
}

/// Turns the Result of one kind of event into a Result<Event>. An error then names the kind before
/// the field.
template <class T>
Result<Event> as_event(std::string_view kind, Result<T> result) {
  if (result) return Event(std::move(*result));
  return Error{result.error().kind, std::string(kind) + "." + result.error().message};
}

}  // namespace

void encode(const RequestFacts& facts, v1::RequestFacts& out) {
  put(out, &v1::RequestFacts::mutable_request_id, facts.request_id, Caps::RequestId);
  out.set_started_at_unix_us(to_wall_us(facts.started_at));
  out.set_client_dialect(static_cast<v1::Dialect>(facts.client_dialect));
  out.set_upstream_dialect(static_cast<v1::Dialect>(facts.upstream_dialect));
  put(out, &v1::RequestFacts::mutable_requested_model, facts.requested_model, Caps::Text);
  put(out, &v1::RequestFacts::mutable_resolved_model, facts.resolved_model, Caps::Text);
  put(out, &v1::RequestFacts::mutable_provider, facts.provider, Caps::Word);
  out.set_streaming(facts.streaming);
  out.set_message_count(facts.message_count);
  out.set_request_bytes(to_count(facts.request_bytes));
  out.set_tool_use_count(facts.tool_use_count);
  out.set_tool_result_count(facts.tool_result_count);
  put(out, &v1::RequestFacts::mutable_client_label, facts.client_label, Caps::Word);
  put(out, &v1::RequestFacts::mutable_user_agent, facts.user_agent, Caps::Text);
  put(out, &v1::RequestFacts::mutable_session_id, facts.session_id, Caps::Text);
  put(out, &v1::RequestFacts::mutable_agent_id, facts.agent_id, Caps::Text);
  put(out, &v1::RequestFacts::mutable_trace_id, facts.trace_id, Caps::Word);
  put(out, &v1::RequestFacts::mutable_attempt_group, facts.attempt_group, Caps::Text);
  put(out, &v1::RequestFacts::mutable_kind, facts.kind, Caps::Word);
  out.set_credential(static_cast<v1::Credential>(facts.credential));
}

void encode(const Progressed& progressed, v1::RequestProgressed& out) {
  put(out, &v1::RequestProgressed::mutable_request_id, progressed.request_id, Caps::RequestId);
  out.set_phase(static_cast<v1::Phase>(progressed.phase));
  out.set_elapsed_us(to_us(progressed.elapsed));
  if (progressed.ttft) out.set_ttft_us(to_us(*progressed.ttft));
  encode(progressed.usage, *out.mutable_usage());
  out.set_response_bytes(to_count(progressed.response_bytes));
  out.set_tool_call_count(progressed.tool_call_count);
  out.set_attempt(progressed.attempt);
  out.set_since_last_byte_us(to_us(progressed.since_last_byte));
  put(out, &v1::RequestProgressed::mutable_other_model, progressed.other_model, Caps::Text);
}

void encode(const Ended& ended, v1::RequestEnded& out) {
  if (ended.facts) encode(*ended.facts, *out.mutable_facts());
  out.set_outcome(static_cast<v1::Outcome>(ended.outcome));
  out.set_http_status(std::min(ended.http_status, HttpStatusMax));
  put(out, &v1::RequestEnded::mutable_error_type, ended.error_type, Caps::Word);
  put(out, &v1::RequestEnded::mutable_error_message, ended.error_message, Caps::Text);
  out.set_duration_us(to_us(ended.duration));
  if (ended.ttft) out.set_ttft_us(to_us(*ended.ttft));
  encode(ended.usage, *out.mutable_usage());
  out.set_tool_call_count(ended.tool_call_count);
  put(out, &v1::RequestEnded::mutable_finish_reason, ended.finish_reason, Caps::Word);
  out.set_response_bytes(to_count(ended.response_bytes));
  const std::size_t attempts = std::min(ended.attempts.size(), Caps::Attempts);
  for (std::size_t at = 0; at < attempts; ++at) encode(ended.attempts[at], *out.add_attempts());
  out.set_overhead_us(to_us(ended.overhead));
  put(out, &v1::RequestEnded::mutable_answered_model, answered_model(ended), Caps::Text);
  out.set_model_mismatch(ended.model_mismatch);
}

void encode(const Event& event, v1::Event& out) {
  if (const auto* started = std::get_if<Started>(&event)) {
    v1::RequestStarted& message = *out.mutable_started();
    if (started->facts) encode(*started->facts, *message.mutable_facts());
  } else if (const auto* progressed = std::get_if<Progressed>(&event)) {
    encode(*progressed, *out.mutable_progressed());
  } else if (const auto* ended = std::get_if<Ended>(&event)) {
    encode(*ended, *out.mutable_ended());
  } else {
    const Gap& gap = std::get<Gap>(event);
    out.mutable_gap()->set_from_seq(gap.from_seq);
    out.mutable_gap()->set_to_seq(gap.to_seq);
    out.mutable_gap()->set_ended_count(to_count(gap.ended_count));
  }
}

bool is_identity(std::string_view text) {
  return !text.empty() && text.size() <= Caps::RequestId &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

Result<RequestFacts> decode(const v1::RequestFacts& in, LeftOut& left_out) {
  RequestFacts out;
  MessageReader read(left_out);
  read.identity("request_id", in.request_id(), out.request_id);
  read.wall(in.started_at_unix_us(), out.started_at);
  read.choice("client_dialect", in.client_dialect(), Dialect::OpenAi, out.client_dialect);
  read.choice("upstream_dialect", in.upstream_dialect(), Dialect::OpenAi, out.upstream_dialect);
  read.text("requested_model", in.requested_model(), Caps::Text, out.requested_model);
  read.text("resolved_model", in.resolved_model(), Caps::Text, out.resolved_model);
  read.text("provider", in.provider(), Caps::Word, out.provider);
  out.streaming = in.streaming();
  read.number(in.message_count(), ItemsMax, out.message_count);
  read.number(in.request_bytes(), BytesMax, out.request_bytes);
  read.number(in.tool_use_count(), ItemsMax, out.tool_use_count);
  read.number(in.tool_result_count(), ItemsMax, out.tool_result_count);
  read.text("client_label", in.client_label(), Caps::Word, out.client_label);
  read.text("user_agent", in.user_agent(), Caps::Text, out.user_agent);
  read.text("session_id", in.session_id(), Caps::Text, out.session_id);
  read.text("agent_id", in.agent_id(), Caps::Text, out.agent_id);
  read.text("trace_id", in.trace_id(), Caps::Word, out.trace_id);
  read.text("attempt_group", in.attempt_group(), Caps::Text, out.attempt_group);
  read.text("kind", in.kind(), Caps::Word, out.kind);
  read.choice("credential", in.credential(), Credential::None, out.credential);
  return read.finish(std::move(out));
}

Result<Progressed> decode(const v1::RequestProgressed& in, LeftOut& left_out) {
  Progressed out;
  MessageReader read(left_out);
  read.identity("request_id", in.request_id(), out.request_id);
  read.choice("phase", in.phase(), Phase::Draining, out.phase);
  read.duration(in.elapsed_us(), out.elapsed);
  if (in.has_ttft_us()) read.duration(in.ttft_us(), out.ttft);
  decode(in.usage(), read, out.usage);
  read.number(in.response_bytes(), BytesMax, out.response_bytes);
  read.number(in.tool_call_count(), ItemsMax, out.tool_call_count);
  read.number(in.attempt(), AttemptsMax, out.attempt);
  read.duration(in.since_last_byte_us(), out.since_last_byte);
  read.text("other_model", in.other_model(), Caps::Text, out.other_model);
  return read.finish(std::move(out));
}

Result<Event> decode(const v1::Event& in, LeftOut& left_out) {
  switch (in.kind_case()) {
    case v1::Event::kStarted: {
      auto facts = decode(in.started().facts(), left_out);
      if (!facts) return Error{facts.error().kind, "started.facts." + facts.error().message};
      return Event(Started{std::make_shared<const RequestFacts>(std::move(*facts))});
    }
    case v1::Event::kProgressed:
      return as_event("progressed", decode(in.progressed(), left_out));
    case v1::Event::kEnded:
      return as_event("ended", decode(in.ended(), left_out));
    case v1::Event::kGap:
      return as_event("gap", decode(in.gap(), left_out));
    case v1::Event::KIND_NOT_SET:
      return refuse("kind", "started, progressed, ended or gap");
  }
  return refuse("kind", "started, progressed, ended or gap");
}

Result<DecodedBatch> decode(const v1::Batch& in, LeftOut& left_out) {
  if (in.first_seq() == 0 || in.first_seq() > CountMax)
    return refuse("batch.first_seq", "1..2^53 - 1");
  const auto events = static_cast<std::size_t>(in.events_size());
  if (events == 0 || events > Caps::BatchEvents) return refuse("batch.events", "1..512 entries");

  DecodedBatch out{.first_seq = in.first_seq(), .last_seq = in.first_seq(), .events = {}};
  out.events.reserve(events);
  std::uint64_t next_seq = in.first_seq();
  const auto field = [&] { return "batch.events[" + std::to_string(out.events.size()) + "]"; };
  for (const v1::Event& each : in.events()) {
    auto event = decode(each, left_out);
    if (!event) return Error{event.error().kind, field() + "." + event.error().message};
    if (const auto* gap = std::get_if<Gap>(&*event)) {
      if (gap->from_seq != next_seq)
        return refuse(field() + ".gap.from_seq", std::to_string(next_seq));
      next_seq = gap->to_seq;
    }
    out.last_seq = next_seq++;
    out.events.push_back(std::move(*event));
  }
  return out;
}

}  // namespace vdm
