#pragma once

#include <cstddef>

#include "common/base/clock.h"
#include "proxy-service/events/grpc_reporter.h"
#include "proxy-service/events/report_log.h"

namespace vdm::metrics::v1 {
class ReportRequest;
}

namespace vdm::proxy {

/// Builds the reporter's messages: each function fills `out` anew and reuses its memory.
/// Pure. Thread: any.

enum class Detail { Ids, Facts };

/// A snapshot that the reporter is sending, part by part without a batch in between.
struct Snapshot {
  ReportLog::ActiveList list;
  Detail detail = Detail::Ids;
  std::size_t sent = 0;
  bool begun = false;

  /// An empty snapshot still has one part.
  bool finished() const { return begun && sent == list.items.size(); }
};

struct HelloFacts {
  const ReporterOptions& options;
  const Secret& secret;  ///< of this process; see Hello.secret
  SystemTime boot_wall;
  MonotonicTime boot_monotonic;
  const ReportLog& log;
};

void fill(const HelloFacts& facts, metrics::v1::ReportRequest& out);
void fill_heartbeat(const ReportLog& log, MonotonicTime now, std::uint64_t rejections_unlisted,
                    metrics::v1::ReportRequest& out);
void fill_next_part(Snapshot& snapshot, metrics::v1::ReportRequest& out);

}  // namespace vdm::proxy
