#include "metrics-service/ingest/ingest_server.h"

#include <optional>
#include <utility>

#include <vdm/metrics/v1/ingest.grpc.pb.h>

#include "metrics-service/ingest/ingest_session.h"
#include "metrics-service/rpc/host_server.h"
#include "proto/contract/ingest_token.h"

namespace vdm::metrics {
namespace {

/// Ends a stream that shows no token of ours before a message of it is read.
class RefusedReport final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit RefusedReport(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

/// Gets messages as they came, since gRPC would parse them whatever that costs.
class IngestService final : public v1::Ingest::WithRawCallbackMethod_Report<v1::Ingest::Service> {
 public:
  explicit IngestService(std::shared_ptr<IngestHost> host) : host_(std::move(host)) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Report(
      grpc::CallbackServerContext* context) override {
    const IngestTokens* const tokens = host_->options.tokens.get();
    if (tokens == nullptr || !tokens->required()) {
      return IngestSession::open(host_, *context, std::nullopt);
    }
    const auto& metadata = context->client_metadata();
    const auto given = metadata.find(AuthorizationKey);
    const auto token = given == metadata.end()
                           ? std::nullopt
                           : tokens->accept({given->second.data(), given->second.size()});
    if (token) return IngestSession::open(host_, *context, token);
    const grpc::Status status(grpc::StatusCode::UNAUTHENTICATED,
                              given == metadata.end()
                                  ? "an ingest token is needed"
                                  : "the ingest token is not one of this service's");
    log_refusal(*host_, context->peer(), "", status);
    return new RefusedReport(status);
  }

 private:
  const std::shared_ptr<IngestHost> host_;
};

}  // namespace

IngestHost::IngestHost(boost::asio::any_io_executor owner_executor, Pipeline& door,
                       const Clock& time, IngestOptions settings)
    : owner(std::move(owner_executor)),
      pipeline(door),
      clock(time),
      options(std::move(settings)),
      refusals(time),
      left_out(time),
      credit_bytes(options.credit_bytes) {}

IngestHost::~IngestHost() = default;

void IngestHost::check() {
  const bool is_kept = pipeline.degraded().empty();
  credit_bytes = is_kept ? options.credit_bytes : options.degraded_credit_bytes;
  const auto checked = sessions;  // a copy, since finish() removes each session from the set
  for (const auto& session : checked) {
    session->check_deadline(clock.monotonic());
    session->pump();
    session->check_token();
  }
}

void IngestHost::close(const grpc::Status& status) {
  const auto leaving = sessions;  // a copy, since finish() removes each session from the set
  for (const auto& session : leaving) session->finish(status);
}

struct IngestServer::State : HostServer<IngestHost, IngestService> {
  using HostServer::HostServer;
};

Result<std::unique_ptr<IngestServer>> IngestServer::start(boost::asio::any_io_executor owner,
                                                          Pipeline& pipeline, const Clock& clock,
                                                          IngestOptions options) {
  auto state = std::make_unique<State>(
      std::make_shared<IngestHost>(std::move(owner), pipeline, clock, std::move(options)));
  const auto started = state->start(v1::Ingest::service_full_name());
  if (!started) return started.error();
  return std::unique_ptr<IngestServer>(new IngestServer(std::move(state)));
}

IngestServer::IngestServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

IngestServer::~IngestServer() { stop(); }

std::uint16_t IngestServer::port() const { return state_->port(); }

bool IngestServer::cancel(std::string_view instance_id, std::string_view request_id) {
  const auto& by_instance = state_->host()->by_instance;
  const auto found = by_instance.find(instance_id);
  return found != by_instance.end() && found->second->cancel_request(request_id);
}

void IngestServer::stop() { state_->stop(); }

}  // namespace vdm::metrics
