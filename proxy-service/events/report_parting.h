#pragma once

#include <cstdint>
#include <optional>

#include "common/base/clock.h"
#include "proxy-service/events/report_log.h"
#include "proxy-service/events/report_messages.h"

namespace vdm::proxy {

/// What is told of a process that is gone once the service has all its events: what it had dropped,
/// what it left running, and that this is all. Pure. Thread: the reporter's.
class ReportParting {
 public:
  explicit ReportParting(std::uint64_t rejections_unlisted)
      : rejections_unlisted_(rejections_unlisted) {}

  /// Fills `out` with the next message. False: all of it has been given.
  bool fill_next(const ReportLog& log, MonotonicTime now, metrics::v1::ReportRequest& out);
  bool is_said() const { return step_ == Step::Said; }
  /// The stream broke: all of it is said again on the next one.
  void begin_again();

 private:
  enum class Step : std::uint8_t { Vitals, Running, Goodbye, Said };

  const std::uint64_t rejections_unlisted_;
  Step step_ = Step::Vitals;
  std::optional<Snapshot> running_;
};

}  // namespace vdm::proxy
