#include "metrics-service/rpc/rpc_server.h"

#include <utility>

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include "proto/contract/event_codec.h"
#include "proto/contract/grpc_log.h"

namespace vdm::metrics {
namespace {

constexpr int MetadataBytesMax = 16 * 1024;
constexpr int StreamsPerConnectionMax = 256;
constexpr std::size_t MemoryBytesMax = 256 * 1024 * 1024;

/// Both plugins are global in gRPC and must be registered before the first server is built.
void enable_standard_services() {
  static const bool once = [] {
    adopt_grpc_log();
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  (void)once;
}

}  // namespace

Result<RpcServer> start_rpc_server(const std::string& address, grpc::Service& service,
                                   const std::string& service_name) {
  enable_standard_services();
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(static_cast<int>(Caps::MessageBytes));
  builder.SetResourceQuota(grpc::ResourceQuota().Resize(MemoryBytesMax));
  // Without this, two processes could listen on one port, and the kernel would deal connections to
  // both.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, MetadataBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, StreamsPerConnectionMax);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);

  RpcServer started{.server = builder.BuildAndStart(), .port = 0};
  if (!started.server || port == 0) {
    return Error{ErrorKind::Internal,
                 "cannot listen on " + address + ": is another process using that port?"};
  }
  started.port = static_cast<std::uint16_t>(port);
  if (auto* health = started.server->GetHealthCheckService()) {
    health->SetServingStatus(service_name, true);
  }
  return started;
}

}  // namespace vdm::metrics
