#include "metrics-service/tracker/instance.h"

namespace vdm::metrics {

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
                   .gap_ended = gap_ended,
                   .undeclared_gaps = seqs.missing(),
                   .buffered_bytes = buffered_bytes,
                   .dropped_progress = dropped.progressed,
                   .rejections_unlisted = rejections_unlisted};
}

}  // namespace vdm::metrics
