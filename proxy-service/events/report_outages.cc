#include "proxy-service/events/report_outages.h"

#include "common/base/log.h"

namespace vdm::proxy {

ReportRefusal ReportOutages::refusal_in(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAUTHENTICATED:
      return ReportRefusal::Token;
    case grpc::StatusCode::PERMISSION_DENIED:
      return ReportRefusal::Instance;
    default:
      return ReportRefusal::None;
  }
}

void ReportOutages::note(const grpc::Status& status) {
  const ReportRefusal refusal = refusal_in(status);
  if (std::exchange(logged_, refusal) == refusal) return;
  if (refusal == ReportRefusal::Instance) {
    log::error("metrics service takes this process for another; events are kept",
               {{"address", address_}, {"why", status.error_message()}});
  } else if (refusal == ReportRefusal::Token) {
    log::error("metrics service refuses this proxy's ingest token; events are kept",
               {{"address", address_},
                {"why", status.error_message()},
                {"set", "VDM_INGEST_TOKEN_FILE or VDM_INGEST_TOKEN, as the service has it"}});
  } else {
    log::warning("metrics service not reachable; events are kept",
                 {{"address", address_}, {"why", status.error_message()}});
  }
}

}  // namespace vdm::proxy
