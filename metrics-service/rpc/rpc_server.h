#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include "common/base/result.h"
#include "metrics-service/rpc/guarded_port.h"

namespace vdm::metrics {

/// A gRPC server with our limits on messages, metadata and keepalive, behind a GuardedPort, and
/// with the standard health and reflection services. Each service gets a server and a port of its
/// own, so that the port for proxies never has to be published with the one for tools. Thread: any.
struct RpcServer {
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<GuardedPort> port;
};

/// Listens on "host:port"; port 0 takes a free port. An error names the address and what to change.
Result<RpcServer> start_rpc_server(const std::string& address, grpc::Service& service,
                                   const std::string& service_name);

}  // namespace vdm::metrics
