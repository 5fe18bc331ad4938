#include "metrics-service/cli/events/client.h"

#include <chrono>

#include "metrics-service/cli/terminal/table.h"
#include "proto/contract/grpc_log.h"

namespace vdm::cli {
namespace {

constexpr std::chrono::seconds CallDeadline(5);

std::shared_ptr<grpc::Channel> channel_to(const std::string& address) {
  adopt_grpc_log();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // `tail` waits between attempts itself; gRPC's own backoff would be added to that.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

Client::Client(const Options& options)
    : options_(options), stub_(metrics::v1::Events::NewStub(channel_to(options.address))) {}

void Client::prepare_stream(grpc::ClientContext& context) const {
  if (!options_.key.empty()) context.AddMetadata("x-api-key", std::string(options_.key.reveal()));
}

void Client::prepare_call(grpc::ClientContext& context) const {
  prepare_stream(context);
  context.set_deadline(std::chrono::system_clock::now() + CallDeadline);
}

CommandResult Client::explain(const grpc::Status& status) const {
  const std::string at = " at " + options_.address;
  const std::string message = printable(status.error_message());
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return {Unreachable, "vdm: no metrics service" + at +
                               "; is vdm-metrics running, and is VDM_EVENTS_ADDRESS right?\n"};
    case grpc::StatusCode::UNAUTHENTICATED:
      return {Refused, "vdm: " + message + " (set VDM_METRICS_API_KEY or PROXY_API_KEY)\n"};
    case grpc::StatusCode::PERMISSION_DENIED:
      return {Refused, "vdm: " + message + "\n"};
    case grpc::StatusCode::INVALID_ARGUMENT:
      return {WrongUsage, "vdm: " + message + "\n"};
    case grpc::StatusCode::NOT_FOUND:
      return {NotRunning, "vdm: " + message + "\n"};
    default:
      return {Degraded, "vdm: the metrics service" + at + " failed: " + message + "\n"};
  }
}

}  // namespace vdm::cli
