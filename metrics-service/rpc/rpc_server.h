#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include "common/base/result.h"

namespace vdm::metrics {

/// A gRPC server with our limits: messages, metadata, keepalive; the standard
/// health service and reflection on. Each service gets a server of its own, so
/// that the one proxies use is never published with the one tools use.
/// Thread: any.
struct RpcServer {
  std::unique_ptr<grpc::Server> server;
  std::uint16_t port = 0;
};

/// Listens on "host:port"; port 0 takes a free one. The error says which address, and what to do.
Result<RpcServer> start_rpc_server(const std::string& address, grpc::Service& service,
                                   const std::string& service_name);

}  // namespace vdm::metrics
