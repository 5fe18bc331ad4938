#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proxy-service/events/report_log.h"

namespace vdm::proxy::log_rig {

inline constexpr std::uint64_t Plenty = 1ull << 40;

inline FactsPtr facts(std::string id) {
  RequestFacts made;
  made.request_id = std::move(id);
  return std::make_shared<const RequestFacts>(std::move(made));
}
inline Event started(std::string id) { return Started{facts(std::move(id))}; }
inline Event ended(std::string id) {
  return Ended{.facts = facts(std::move(id)), .outcome = Outcome::Ok};
}
inline Event progressed(std::string id, std::uint64_t bytes = 0) {
  return Progressed{.request_id = std::move(id), .response_bytes = bytes};
}

/// What the records of a start and of an end without one take.
inline constexpr std::size_t StartBytes = 104;
inline constexpr std::size_t EndBytes = 176;
inline constexpr std::size_t EndOfStartBytes = 112;

/// A log and its queue. Each event is recorded as its request would, and taken at once.
struct QueueOfLog {
  EventQueue queue;
};
struct Log : QueueOfLog, ReportLog {
  explicit Log(Limits limits = {}, std::size_t ring_bytes = 1024 * 1024)
      : QueueOfLog{.queue = EventQueue(ring_bytes)}, ReportLog(queue, limits) {}

  void add(Event&& event) {
    if (const auto* start = std::get_if<Started>(&event)) {
      const FactsPtr of_start = start->facts;
      requests[of_start->request_id] = {queue.record(std::move(event)), of_start};
    } else if (auto* progress = std::get_if<Progressed>(&event)) {
      const StartRef of_request = requests[progress->request_id].first;
      queue.record(std::move(event), of_request);
    } else if (auto* end = std::get_if<Ended>(&event)) {
      const auto& [start_ref, of_start] = requests[end->facts->request_id];
      if (of_start) end->facts = of_start;
      queue.record(std::move(event), start_ref);
    }
    ReportLog::take();
  }
  std::map<std::string, std::pair<StartRef, FactsPtr>> requests;
};

/// What a batch holds, as text: "1: +a ~a -a gap(4..6, 2)".
inline std::string text_of(const ReportLog::Batch& batch) {
  std::string text = std::to_string(batch.first_seq) + ":";
  for (const Event* event : batch.events) {
    if (const auto* start = std::get_if<Started>(event)) text += " +" + start->facts->request_id;
    if (const auto* step = std::get_if<Progressed>(event)) text += " ~" + step->request_id;
    if (const auto* end = std::get_if<Ended>(event)) text += " -" + end->facts->request_id;
    if (const auto* gap = std::get_if<Gap>(event)) {
      text += " gap(" + std::to_string(gap->from_seq) + ".." + std::to_string(gap->to_seq) + ", " +
              std::to_string(gap->ended_count) + ")";
    }
  }
  return text;
}

inline std::string next(Log& log) {
  ReportLog::Batch batch;
  return log.next_batch(batch) ? text_of(batch) : "nothing";
}

inline std::set<std::string> ids(const ReportLog::ActiveList& list) {
  std::set<std::string> found;
  for (const auto& item : list.items) found.insert(item.facts->request_id);
  return found;
}

}  // namespace vdm::proxy::log_rig
