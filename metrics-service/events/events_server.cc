#include "metrics-service/events/events_server.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>

#include <vdm/metrics/v1/events.grpc.pb.h>

#include "common/access/permissions.h"
#include "common/base/digest.h"
#include "metrics-service/events/queries.h"
#include "metrics-service/events/subscriber.h"
#include "metrics-service/rpc/host_server.h"
#include "metrics-service/rpc/peer_address.h"

namespace vdm::metrics {
namespace {

constexpr std::string_view BearerPrefix = "Bearer ";
/// Of a key that is none of ours: enough to tell two apart, useless as a key.
constexpr std::size_t LabelDigits = 12;

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
    const Caller caller = caller_of(*context, "Subscribe");
    if (!caller.status.ok()) return new RefusedStream(caller.status);
    return Subscriber::open(host_, *context, *request);
  }

  grpc::ServerUnaryReactor* GetActiveRequests(grpc::CallbackServerContext* context,
                                              const v1::GetActiveRequestsRequest* request,
                                              v1::GetActiveRequestsReply* reply) override {
    return on_owner(*context, "GetActiveRequests",
                    [=](const EventsHost& host, const Caller& caller) {
                      return answer(host, owned(*request, caller), *reply);
                    });
  }
  grpc::ServerUnaryReactor* GetRunningTotals(grpc::CallbackServerContext* context,
                                             const v1::GetRunningTotalsRequest* request,
                                             v1::GetRunningTotalsReply* reply) override {
    return on_owner(*context, "GetRunningTotals", [=](const EventsHost& host, const Caller&) {
      return answer(host, *request, *reply);
    });
  }
  grpc::ServerUnaryReactor* GetTraces(grpc::CallbackServerContext* context,
                                      const v1::GetTracesRequest* request,
                                      v1::GetTracesReply* reply) override {
    return on_owner(*context, "GetTraces", [=](const EventsHost& host, const Caller& caller) {
      return answer(host, owned(*request, caller), *reply);
    });
  }
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest*,
                                      v1::GetStatusReply* reply) override {
    return on_owner(*context, "GetStatus", [=](const EventsHost& host, const Caller&) {
      answer(host, *reply);
      return grpc::Status::OK;
    });
  }
  grpc::ServerUnaryReactor* CancelRequest(grpc::CallbackServerContext* context,
                                          const v1::CancelRequestRequest* request,
                                          v1::CancelRequestReply*) override {
    return on_owner(*context, "CancelRequest", [=](const EventsHost& host, const Caller& caller) {
      grpc::Status status = cancel(host, *request);
      note(host, caller, "cancel", request->request_id(),
           status.ok() ? "done" : status.error_message());
      return status;
    });
  }

 private:
  using Rule = RuleOf<Port::Events>;

  /// Who calls, and whether the call may go on.
  struct Caller {
    grpc::Status status{};
    const AccessKey* key = nullptr;  ///< null: no key is set, or it was refused
    IpAddress address{};
  };

  /// The request, but for a client only of its own rows.
  template <class Request>
  static Request owned(Request request, const Caller& caller) {
    if (caller.key != nullptr && caller.key->role == Role::Client) {
      request.mutable_filter()->set_client_label(caller.key->label());
    }
    return request;
  }

  static void note(const EventsHost& host, const Caller& caller, std::string_view action,
                   std::string target, std::string outcome) {
    if (host.options.audit == nullptr) return;
    AuditEntry entry{.actor = caller.key != nullptr ? caller.key->name : "",
                     .address = caller.address,
                     .action = std::string(action),
                     .target = std::move(target),
                     .outcome = std::move(outcome)};
    if (entry.outcome == "done") return host.options.audit->done(std::move(entry));
    host.options.audit->refused(std::move(entry));
  }

  Caller caller_of(const grpc::CallbackServerContext& context, Rule rule) const {
    const auto& keys = host_->options.keys;
    if (!keys) return {.address = peer_address(context.peer())};
    auto given = metadata(context, "x-api-key");
    if (!given) {
      given = metadata(context, "authorization");
      if (given && given->starts_with(BearerPrefix)) given->erase(0, BearerPrefix.size());
    }
    Caller caller{.address = client_of(context, keys->trusted_proxies())};
    const KeyResult shown = keys->check(given.value_or(""), caller.address);
    caller.key = shown.key;
    if (shown.admitted && (shown.key == nullptr || rule.row->lets(shown.key->role))) return caller;
    const Refused why = refused(shown, given.has_value());
    AuditEntry entry{.actor = shown.key != nullptr ? shown.key->name : "",
                     .shown = given ? hex_prefix(sha256(*given), LabelDigits) : "",
                     .address = caller.address,
                     .action = "call",
                     .target = std::string(rule.row->rule),
                     .outcome = std::string(why.outcome)};
    if (host_->options.audit != nullptr) host_->options.audit->refused(std::move(entry));
    caller.status = why.status;
    return caller;
  }

  struct Refused {
    grpc::Status status;
    std::string_view outcome;
  };
  static Refused refused(const KeyResult& shown, bool has_key) {
    using Code = grpc::StatusCode;
    if (shown.admitted) {
      return {{Code::PERMISSION_DENIED, "the role of this key, " +
                                            std::string(word_of(shown.key->role)) +
                                            ", is not for this call"},
              "wrong role"};
    }
    if (shown.wait) {
      return {
          {Code::RESOURCE_EXHAUSTED, "too many wrong keys came from this address; try again in " +
                                         std::to_string(shown.wait->count()) + " s"},
          "too many wrong keys"};
    }
    if (shown.key != nullptr) {
      return {{Code::UNAUTHENTICATED, "the time of this key is over"}, "expired key"};
    }
    if (has_key) {
      return {{Code::UNAUTHENTICATED, "the key is not the one of this service"}, "wrong key"};
    }
    return {
        {Code::UNAUTHENTICATED, "a key is needed: metadata x-api-key, or authorization: Bearer"},
        "no key"};
  }

  /// Answers on the owner's thread, the only one that may read the tracker.
  template <class Answer>
  grpc::ServerUnaryReactor* on_owner(grpc::CallbackServerContext& context, Rule rule, Answer with) {
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    const Caller caller = caller_of(context, rule);
    if (!caller.status.ok()) {
      reactor->Finish(caller.status);
      return reactor;
    }
    boost::asio::post(host_->owner, [host = host_, reactor, caller, with] {
      const grpc::Status closed(grpc::StatusCode::UNAVAILABLE, "shutting down");
      reactor->Finish(host->open ? with(*host, caller) : closed);
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
