#pragma once

#include "metrics-service/archive/archive.h"
#include "metrics-service/tracker/live_event.h"

namespace vdm::metrics {

/// The fields of the contract's types as a checkpoint has them. Pure.

template <>
struct Fields<RequestFacts> {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    archive(1, self.request_id);
    archive(2, self.started_at);
    archive(3, self.client_dialect);
    archive(4, self.upstream_dialect);
    archive(5, self.requested_model);
    archive(6, self.resolved_model);
    archive(7, self.provider);
    archive(8, self.streaming);
    archive(9, self.message_count);
    archive(10, self.request_bytes);
    archive(11, self.tool_use_count);
    archive(12, self.tool_result_count);
    archive(13, self.client_label);
    archive(14, self.user_agent);
    archive(15, self.session_id);
    archive(16, self.agent_id);
    archive(17, self.trace_id);
    archive(18, self.attempt_group);
    archive(19, self.kind);
    archive(20, self.credential);
  }
};

template <>
struct Fields<Usage> {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    archive(1, self.input_tokens);
    archive(2, self.output_tokens);
    archive(3, self.cache_read_tokens);
    archive(4, self.cache_creation_tokens);
    archive(5, self.reasoning_tokens);
    archive(6, self.input_estimated);
    archive(7, self.output_estimated);
  }
};

template <>
struct Fields<Attempt> {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    archive(1, self.provider);
    archive(2, self.resolved_model);
    archive(3, self.http_status);
    archive(4, self.error_type);
    archive(5, self.started_after);
    archive(6, self.connected_after);
    archive(7, self.first_byte_after);
    archive(8, self.ended_after);
    archive(9, self.connection_reused);
  }
};

template <>
struct Fields<Progressed> {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    archive(1, self.request_id);
    archive(2, self.phase);
    archive(3, self.elapsed);
    archive(4, self.ttft);
    archive(5, self.usage);
    archive(6, self.response_bytes);
    archive(7, self.tool_call_count);
    archive(8, self.attempt);
    archive(9, self.since_last_byte);
    archive(10, self.other_model);
  }
};

template <>
struct Fields<Ended> {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    archive(1, self.facts);
    archive(2, self.outcome);
    archive(3, self.http_status);
    archive(4, self.error_type);
    archive(5, self.error_message);
    archive(6, self.duration);
    archive(7, self.ttft);
    archive(8, self.usage);
    archive(9, self.tool_call_count);
    archive(10, self.finish_reason);
    archive(11, self.response_bytes);
    archive(12, self.attempts);
    archive(13, self.overhead);
    archive(14, self.answered_as_asked);
    archive(15, self.answered_name);
    archive(16, self.model_mismatch);
  }
};

template <>
struct Fields<DroppedCounts> {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    archive(1, self.started);
    archive(2, self.progressed);
    archive(3, self.ended);
  }
};

template <>
struct Fields<InstanceSecret> {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    archive(1, self.kind);
    archive(2, self.hash);
  }
};

template <>
struct Fields<Trace> {
  template <class Self, class Archive>
  static void list(Self& self, Archive& archive) {
    archive(1, self.seq);
    archive(2, self.error_seq);
    archive(3, self.revision);
    archive(4, self.proxy);
    archive(5, self.ended_at);
    archive(6, self.ended);
  }
};

}  // namespace vdm::metrics
