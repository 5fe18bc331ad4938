#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>

#include "tests/proxy-service/events/log_rig.h"

namespace vdm::proxy::log_rig {

/// A service in miniature: applies in order, commits later, forgets what is not
/// committed when its stream breaks.
struct Service {
  std::uint64_t applied = 0;
  std::uint64_t committed = 0;
  std::map<std::uint64_t, Event> events;
  std::map<std::uint64_t, std::string> ended;  ///< by number; the events' facts are used again

  void receive(const ReportLog::Batch& batch) {
    ASSERT_LE(batch.first_seq, applied + 1) << "a hole that no Gap declares";
    std::uint64_t seq = batch.first_seq;
    for (const Event* event : batch.events) {
      const auto* gap = std::get_if<Gap>(event);
      ASSERT_TRUE(gap == nullptr || gap->from_seq == seq);
      const std::uint64_t last = gap ? gap->to_seq : seq;
      if (last > applied) {
        events.insert_or_assign(seq, *event);
        if (const auto* end = std::get_if<Ended>(event)) ended[seq] = end->facts->request_id;
        applied = last;
      }
      seq = last + 1;
    }
  }
  /// Commits everything applied, or up to some event of it.
  void commit_some(std::mt19937& random) {
    for (auto at = events.upper_bound(committed); at != events.end(); ++at) {
      if (random() % 20 == 0) return;
      const auto* gap = std::get_if<Gap>(&at->second);
      committed = gap ? gap->to_seq : at->first;
    }
  }
  void crash() {
    applied = committed;
    events.erase(events.upper_bound(committed), events.end());
    ended.erase(ended.upper_bound(committed), ended.end());
  }
  /// Ends that were told, one by one and in Gaps.
  std::uint64_t accounted() const {
    std::uint64_t sum = ended.size();
    for (const auto& [seq, event] : events) {
      if (const auto* gap = std::get_if<Gap>(&event)) sum += gap->ended_count;
    }
    return sum;
  }
};

struct Recorded {
  std::set<std::string> running;
  std::uint64_t ended = 0;
  int next_id = 0;
};

inline void record_some(Log& log, Recorded& recorded, std::mt19937& random) {
  for (auto n = random() % 30; n > 0; --n) {
    const auto what = random() % 4;
    if (what == 0 || recorded.running.empty()) {
      const std::string id = "r" + std::to_string(recorded.next_id++);
      recorded.running.insert(id);
      log.add(started(id));
      continue;
    }
    const auto at = static_cast<std::ptrdiff_t>(random() % recorded.running.size());
    const std::string id = *std::next(recorded.running.begin(), at);
    if (what == 1) {
      recorded.running.erase(id);
      ++recorded.ended;
      log.add(ended(id));
    } else {
      log.add(progressed(id));
    }
  }
}

}  // namespace vdm::proxy::log_rig
