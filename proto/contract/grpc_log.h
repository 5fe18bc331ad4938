#pragma once

namespace vdm {

/// Makes the gRPC library write to our log, at debug level. A call's status reports everything that
/// matters, and our code logs that itself. Call it before gRPC is used; a second call does nothing.
/// Thread: any.
void adopt_grpc_log();

}  // namespace vdm
