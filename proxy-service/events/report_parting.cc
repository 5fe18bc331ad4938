#include "proxy-service/events/report_parting.h"

#include <cstdlib>

#include <vdm/metrics/v1/ingest.pb.h>

namespace vdm::proxy {

bool ReportParting::fill_next(const ReportLog& log, MonotonicTime now,
                              metrics::v1::ReportRequest& out) {
  switch (step_) {
    case Step::Vitals:
      fill_heartbeat(log, now, rejections_unlisted_, out);
      step_ = Step::Running;
      return true;
    case Step::Running:
      if (!running_) running_ = Snapshot{log.active_now(), Detail::Facts};
      fill_next_part(*running_, out);
      if (running_->finished()) step_ = Step::Goodbye;
      return true;
    case Step::Goodbye:
      out.mutable_goodbye();
      step_ = Step::Said;
      return true;
    case Step::Said:
      return false;
  }
  std::abort();  // every step is listed above; -Wswitch keeps it so
}

void ReportParting::begin_again() {
  step_ = Step::Vitals;
  running_.reset();
}

}  // namespace vdm::proxy
