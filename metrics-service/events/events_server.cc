#include "metrics-service/events/events_server.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>

#include <vdm/metrics/v1/events.grpc.pb.h>

#include "metrics-service/events/queries.h"
#include "metrics-service/events/subscriber.h"
#include "metrics-service/rpc/host_server.h"
#include "metrics-service/rpc/peer_address.h"

namespace vdm::metrics {
namespace {

constexpr std::string_view BearerPrefix = "Bearer ";

std::optional<std::string> metadata(const grpc::CallbackServerContext& context, const char* name) {
  const auto& all = context.client_metadata();
  const auto found = all.find(name);
  if (found == all.end()) return std::nullopt;
  return std::string(found->second.data(), found->second.size());
}

/// Whose call it is: the peer's, or that of the client whom a trusted proxy names.
IpAddress client_of(const grpc::CallbackServerContext& context, const TrustedProxies& trusted) {
  std::vector<std::string_view> forwarded;
  const auto named = context.client_metadata().equal_range("x-forwarded-for");
  for (auto each = named.first; each != named.second; ++each) {
    forwarded.emplace_back(each->second.data(), each->second.size());
  }
  return trusted.client_of(peer_address(context.peer()), forwarded);
}

/// Ends a Subscribe call that is refused before it begins.
class RefusedStream final : public grpc::ServerWriteReactor<v1::SubscribeReply> {
 public:
  explicit RefusedStream(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

class EventsService final : public v1::Events::CallbackService {
 public:
  explicit EventsService(std::shared_ptr<EventsHost> host) : host_(std::move(host)) {}

  grpc::ServerWriteReactor<v1::SubscribeReply>* Subscribe(
      grpc::CallbackServerContext* context, const v1::SubscribeRequest* request) override {
    const grpc::Status known = authenticate(*context);
    if (!known.ok()) return new RefusedStream(known);
    return Subscriber::open(host_, *context, *request);
  }

  grpc::ServerUnaryReactor* GetActiveRequests(grpc::CallbackServerContext* context,
                                              const v1::GetActiveRequestsRequest* request,
                                              v1::GetActiveRequestsReply* reply) override {
    return on_owner(*context,
                    [=](const EventsHost& host) { return answer(host, *request, *reply); });
  }
  grpc::ServerUnaryReactor* GetRunningTotals(grpc::CallbackServerContext* context,
                                             const v1::GetRunningTotalsRequest* request,
                                             v1::GetRunningTotalsReply* reply) override {
    return on_owner(*context,
                    [=](const EventsHost& host) { return answer(host, *request, *reply); });
  }
  grpc::ServerUnaryReactor* GetTraces(grpc::CallbackServerContext* context,
                                      const v1::GetTracesRequest* request,
                                      v1::GetTracesReply* reply) override {
    return on_owner(*context,
                    [=](const EventsHost& host) { return answer(host, *request, *reply); });
  }
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest*,
                                      v1::GetStatusReply* reply) override {
    return on_owner(*context, [=](const EventsHost& host) {
      answer(host, *reply);
      return grpc::Status::OK;
    });
  }
  grpc::ServerUnaryReactor* CancelRequest(grpc::CallbackServerContext* context,
                                          const v1::CancelRequestRequest* request,
                                          v1::CancelRequestReply*) override {
    return on_owner(*context, [=](const EventsHost& host) { return cancel(host, *request); });
  }

 private:
  grpc::Status authenticate(const grpc::CallbackServerContext& context) const {
    const auto& keys = host_->options.keys;
    if (!keys) return grpc::Status::OK;
    auto given = metadata(context, "x-api-key");
    if (!given) {
      given = metadata(context, "authorization");
      if (given && given->starts_with(BearerPrefix)) given->erase(0, BearerPrefix.size());
    }
    const KeyResult shown =
        keys->check(given.value_or(""), client_of(context, keys->trusted_proxies()));
    if (shown.admitted) return grpc::Status::OK;
    if (shown.wait) {
      return {grpc::StatusCode::RESOURCE_EXHAUSTED,
              "too many wrong keys came from this address; try again in " +
                  std::to_string(shown.wait->count()) + " s"};
    }
    return {grpc::StatusCode::UNAUTHENTICATED,
            given ? "the key is not the one of this service"
                  : "a key is needed: metadata x-api-key, or authorization: Bearer"};
  }

  /// Answers on the owner's thread, the only one that may read the tracker.
  template <class Answer>
  grpc::ServerUnaryReactor* on_owner(grpc::CallbackServerContext& context, Answer with) {
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    const grpc::Status known = authenticate(context);
    if (!known.ok()) {
      reactor->Finish(known);
      return reactor;
    }
    boost::asio::post(host_->owner, [host = host_, reactor, with] {
      const grpc::Status closed(grpc::StatusCode::UNAVAILABLE, "shutting down");
      reactor->Finish(host->open ? with(*host) : closed);
    });
    return reactor;
  }

  const std::shared_ptr<EventsHost> host_;
};

/// Posts one look at the tracker for any number of changes: the subscribers then see all changes
/// made before it runs.
void wake(const std::shared_ptr<EventsHost>& host) {
  if (host->subscribers.empty() || std::exchange(host->woken, true)) return;
  boost::asio::post(host->owner, [host] {
    host->woken = false;
    for (const auto& subscriber : host->subscribers) subscriber->wake();
  });
}

}  // namespace

EventsHost::EventsHost(boost::asio::any_io_executor owner_executor, Pipeline& door,
                       const Clock& time, EventsOptions settings)
    : owner(std::move(owner_executor)),
      pipeline(door),
      clock(time),
      options(std::move(settings)),
      started(door.now().wall) {}

EventsHost::~EventsHost() = default;

void EventsHost::check() {
  for (const auto& subscriber : subscribers) subscriber->check(clock.monotonic());
}

void EventsHost::close(const grpc::Status& status) {
  for (const auto& subscriber : subscribers) subscriber->finish(status);
}

struct EventsServer::State : HostServer<EventsHost, EventsService> {
  using HostServer::HostServer;
};

Result<std::unique_ptr<EventsServer>> EventsServer::start(boost::asio::any_io_executor owner,
                                                          Pipeline& pipeline, const Clock& clock,
                                                          EventsOptions options) {
  auto state = std::make_unique<State>(
      std::make_shared<EventsHost>(owner, pipeline, clock, std::move(options)));
  const auto started = state->start(v1::Events::service_full_name());
  if (!started) return started.error();
  boost::asio::post(owner, [host = state->host(), &pipeline] {
    if (!host->open) return;
    pipeline.on_change([weak = std::weak_ptr(host)] {
      if (const auto still = weak.lock()) wake(still);
    });
  });
  return std::unique_ptr<EventsServer>(new EventsServer(std::move(state)));
}

EventsServer::EventsServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

EventsServer::~EventsServer() { stop(); }

std::uint16_t EventsServer::port() const { return state_->port(); }

std::size_t EventsServer::subscribers() const { return state_->host()->subscribers.size(); }

void EventsServer::stop() { state_->stop(); }

}  // namespace vdm::metrics
