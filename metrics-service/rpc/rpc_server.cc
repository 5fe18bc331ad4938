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
  auto port = GuardedPort::open(address);
  if (!port) return port.error();
  enable_standard_services();
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(static_cast<int>(Caps::MessageBytes));
  builder.SetResourceQuota(grpc::ResourceQuota().Resize(MemoryBytesMax));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, MetadataBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, StreamsPerConnectionMax);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);

  RpcServer started{.server = builder.BuildAndStart(), .port = std::move(*port)};
  if (!started.server) return Error{ErrorKind::Internal, "gRPC cannot start a server"};
  if (auto* health = started.server->GetHealthCheckService()) {
    health->SetServingStatus(service_name, true);
  }
  started.port->serve(*started.server);
  return started;
}

}  // namespace vdm::metrics
