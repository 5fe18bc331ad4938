#pragma once

#include <grpcpp/support/status.h>

#include "metrics-service/events/events_host.h"

namespace vdm::metrics::v1 {
class CancelRequestRequest;
class GetActiveRequestsReply;
class GetActiveRequestsRequest;
class GetRunningTotalsReply;
class GetRunningTotalsRequest;
class GetStatusReply;
class GetTracesReply;
class GetTracesRequest;
}  // namespace vdm::metrics::v1

namespace vdm::metrics {

/// Answers the unary calls of the Events service. Thread: owner only.

grpc::Status answer(const EventsHost& host, const v1::GetActiveRequestsRequest& request,
                    v1::GetActiveRequestsReply& reply);
grpc::Status answer(const EventsHost& host, const v1::GetRunningTotalsRequest& request,
                    v1::GetRunningTotalsReply& reply);
grpc::Status answer(const EventsHost& host, const v1::GetTracesRequest& request,
                    v1::GetTracesReply& reply);
void answer(const EventsHost& host, v1::GetStatusReply& reply);
grpc::Status cancel(const EventsHost& host, const v1::CancelRequestRequest& request);

}  // namespace vdm::metrics
