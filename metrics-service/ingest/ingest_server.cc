#include "metrics-service/ingest/ingest_server.h"

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <vdm/metrics/v1/ingest.grpc.pb.h>

#include "metrics-service/ingest/ingest_session.h"
#include "metrics-service/rpc/rpc_server.h"

namespace vdm::metrics {
namespace {

constexpr std::chrono::seconds StopGrace(1);

class IngestService final : public v1::Ingest::CallbackService {
 public:
  explicit IngestService(std::shared_ptr<IngestRoom> room) : room_(std::move(room)) {}

  grpc::ServerBidiReactor<v1::ReportRequest, v1::ReportReply>* Report(
      grpc::CallbackServerContext* context) override {
    return IngestSession::open(room_, *context);
  }

 private:
  const std::shared_ptr<IngestRoom> room_;
};

/// Every second: peers that do not read, and the credit, which follows the store.
void check_later(const std::shared_ptr<boost::asio::steady_timer>& timer,
                 const std::shared_ptr<IngestRoom>& room) {
  timer->expires_after(room->options.check_interval);
  timer->async_wait([timer, room](const boost::system::error_code& fault) {
    if (fault || !room->open) return;
    room->refresh_credit();
    for (const auto& session : room->sessions) {
      session->check_deadline(room->clock.monotonic());
      session->pump();
    }
    check_later(timer, room);
  });
}

}  // namespace

IngestRoom::IngestRoom(boost::asio::any_io_executor owner_executor, Intake& door, const Clock& time,
                       IngestOptions settings)
    : owner(std::move(owner_executor)),
      intake(door),
      clock(time),
      options(std::move(settings)),
      credit_bytes(options.credit_bytes) {}

IngestRoom::~IngestRoom() = default;

void IngestRoom::refresh_credit() {
  const bool is_kept = intake.degraded().empty();
  credit_bytes = is_kept ? options.credit_bytes : options.degraded_credit_bytes;
}

struct IngestServer::State {
  State(boost::asio::any_io_executor owner, Intake& intake, const Clock& clock,
        IngestOptions options)
      : room(std::make_shared<IngestRoom>(owner, intake, clock, std::move(options))),
        service(room),
        timer(std::make_shared<boost::asio::steady_timer>(owner)) {}

  const std::shared_ptr<IngestRoom> room;
  IngestService service;
  const std::shared_ptr<boost::asio::steady_timer> timer;
  RpcServer rpc;
};

Result<std::unique_ptr<IngestServer>> IngestServer::start(boost::asio::any_io_executor owner,
                                                          Intake& intake, const Clock& clock,
                                                          IngestOptions options) {
  auto state = std::make_unique<State>(owner, intake, clock, std::move(options));
  auto rpc = start_rpc_server(state->room->options.address, state->service,
                              v1::Ingest::service_full_name());
  if (!rpc) return rpc.error();
  state->rpc = std::move(*rpc);
  boost::asio::post(owner, [timer = state->timer, room = state->room] {
    if (room->open) check_later(timer, room);
  });
  return std::unique_ptr<IngestServer>(new IngestServer(std::move(state)));
}

IngestServer::IngestServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

IngestServer::~IngestServer() { stop(); }

std::uint16_t IngestServer::port() const { return state_->rpc.port; }

bool IngestServer::cancel(std::string_view instance_id, std::string_view request_id) {
  const auto found = state_->room->by_instance.find(instance_id);
  return found != state_->room->by_instance.end() && found->second->cancel_request(request_id);
}

void IngestServer::stop() {
  if (!state_->rpc.server) return;
  boost::asio::post(state_->room->owner, [room = state_->room, timer = state_->timer] {
    room->open = false;
    timer->cancel();
    const auto sessions = room->sessions;  // finish() takes each out
    for (const auto& session : sessions) {
      session->finish({grpc::StatusCode::UNAVAILABLE, "the metrics service is shutting down"});
    }
  });
  state_->rpc.server->Shutdown(std::chrono::system_clock::now() + StopGrace);
  state_->rpc.server.reset();
}

}  // namespace vdm::metrics
