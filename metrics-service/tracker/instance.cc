#include "metrics-service/tracker/instance.h"

#include <algorithm>

namespace vdm::metrics {

bool Instance::match_gaps() {
  const std::uint64_t before = lost_in_gap;
  lost_in_gap = std::min(gap_declared, lost);
  return lost_in_gap != before;
}

ProxyView Instance::view() const {
  return ProxyView{.proxy = *proxy,
                   .instance_id = *id,
                   .state = state,
                   .version = version,
                   .boot = boot,
                   .last_seen = last_seen,
                   .active = active,
                   .started = started,
                   .ended = ended,
                   .lost = lost,
                   .gap_ended = gap_ended(),
                   .undeclared_gaps = seqs.missing(),
                   .buffered_bytes = buffered_bytes,
                   .dropped_progress = dropped.progressed,
                   .rejections_unlisted = rejections_unlisted,
                   .implausible_numbers = implausible_numbers};
}

}  // namespace vdm::metrics
