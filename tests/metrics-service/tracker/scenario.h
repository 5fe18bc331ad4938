#pragma once

#include <memory>
#include <string>
#include <utility>

#include "metrics-service/tracker/tracker.h"

namespace vdm::metrics::scenario {

/// Short words for what proxies say, for tests. Thread: any.

inline const std::string Proxy = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
inline constexpr std::int64_t Noon = 1'764'000'000;  // some wall second

/// `ms` after the scenario's beginning, on both clocks.
inline ClockPair at(std::int64_t ms) {
  return ClockPair{MonotonicTime(std::chrono::hours(1) + std::chrono::milliseconds(ms)),
                   WallTime(std::chrono::seconds(Noon) + std::chrono::milliseconds(ms))};
}

inline FactsPtr facts(const std::string& id, const std::string& model = "m",
                      const std::string& provider = "p", std::int64_t started_ms = 0) {
  RequestFacts facts;
  facts.request_id = id;
  facts.started_at = at(started_ms).wall;
  facts.requested_model = provider + ":" + model;
  facts.resolved_model = model;
  facts.provider = provider;
  facts.streaming = true;
  facts.message_count = 1;
  return std::make_shared<const RequestFacts>(std::move(facts));
}

inline Event started(const std::string& id) { return Started{facts(id)}; }

inline Progressed progress(const std::string& id, std::int64_t elapsed_ms, std::uint64_t tokens) {
  Progressed progress;
  progress.request_id = id;
  progress.phase = Phase::Streaming;
  progress.elapsed = std::chrono::milliseconds(elapsed_ms);
  progress.ttft = std::chrono::milliseconds(100);
  progress.usage.output_tokens = tokens;
  progress.attempt = 1;
  return progress;
}

inline Ended end_of(FactsPtr facts, Outcome outcome = Outcome::Ok) {
  Ended ended;
  ended.facts = std::move(facts);
  ended.outcome = outcome;
  ended.http_status = outcome == Outcome::Ok ? 200 : 502;
  ended.duration = std::chrono::milliseconds(1500);
  ended.ttft = std::chrono::milliseconds(100);
  ended.usage.input_tokens = 10;
  ended.usage.output_tokens = 20;
  return ended;
}

inline Event ended(const std::string& id, Outcome outcome = Outcome::Ok) {
  return end_of(facts(id), outcome);
}

inline ProxyHello hello(const std::string& instance = Proxy, std::uint64_t oldest_unacked = 1) {
  return ProxyHello{.instance_id = instance,
                    .proxy_name = "proxy-1",
                    .version = "0.1.0",
                    .boot = at(0).wall,
                    .oldest_unacked_seq = oldest_unacked,
                    .dropped = {}};
}

}  // namespace vdm::metrics::scenario
