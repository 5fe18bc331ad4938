#pragma once

namespace vdm {

/// Sends what the gRPC library logs to our log, at debug level: what matters of
/// it we learn as a status, and say in our own words. Called before gRPC is used;
/// again does no harm. Thread: any.
void adopt_grpc_log();

}  // namespace vdm
