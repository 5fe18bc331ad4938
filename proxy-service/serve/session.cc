#include "proxy-service/serve/session.h"

#include "common/prometheus/exposition.h"
#include "proxy-service/catalog/alias_list.h"
#include "proxy-service/catalog/model_facts_list.h"
#include "proxy-service/catalog/model_list.h"
#include "proxy-service/catalog/provider_probe.h"
#include "proxy-service/completion/exchange.h"
#include "proxy-service/completion/token_count.h"
#include "proxy-service/forward/forward.h"
#include "proxy-service/serve/log_fault.h"
#include "proxy-service/serve/prometheus.h"

namespace vdm::proxy {
namespace {

// What a refused client may still send; we read and drop it so that the client gets our answer.
constexpr std::size_t DiscardMax = 64 * 1024;
constexpr std::chrono::seconds DiscardTime{1};
// While draining: the time a new connection has for its first request, likely on its way.
constexpr std::chrono::seconds FirstRequestTime{1};
// The time that a connection beyond the limit has for its question about health.
constexpr std::chrono::seconds HealthTime{1};

Refusal no_seat() {
  return {503, "overloaded", "too many connections (VDM_CONNECTIONS_MAX); try again shortly"};
}

http1::RequestHeadLimits head_limits(const Limits& limits) {
  return {.bytes_max = limits.header_bytes_max,
          .fields_max = limits.header_fields_max,
          .target_bytes_max = limits.target_bytes_max};
}

}  // namespace

Session::Session(std::shared_ptr<ServingWorker> worker, Descriptor socket, Seat seat)
    : worker_(std::move(worker)),
      client_(*worker_, std::move(socket)),
      head_(head_limits(worker_->config.limits)),
      seat_(seat) {}

void Session::tick(MonotonicTime now) {
  Connection& connection = client_.connection();
  // The buffer is full of the next request, so no read is pending that would notice the end.
  if (!idle_ && !connection.reading() && !connection.ended() && connection.peer_has_closed()) {
    client_.wait_point().interrupt(Interrupt::ClientGone);
    return;
  }
  client_.wait_point().tick(now);
}

void Session::drain() {
  if (!idle_) return;
  if (first_) {
    client_.wait_point().set_deadline(worker_->now + FirstRequestTime);
  } else {
    client_.wait_point().interrupt(Interrupt::Shutdown);
  }
}

Task<void> Session::run() {
  std::exception_ptr fault;
  try {
    co_await serve_requests();
  } catch (...) {
    fault = std::current_exception();
  }
  if (fault) co_await tell_fault(fault);
}

/// A client that can still be told is told.
Task<void> Session::tell_fault(const std::exception_ptr& fault) {
  log_fault("request failed", fault, terms_.request_id);
  if (idle_ || client_.wait_point().interrupted() != Interrupt::None) co_return;
  client_.connection().stop_reading();
  const Refusal internal{500, "internal", "the gateway failed inside; the request may be repeated"};
  if (!terms_.started()) {
    co_await refuse(internal);
  } else if (terms_.takes_event) {
    co_await client_.end_stream(internal, terms_);
  }
  co_await close_gently();
}

Task<void> Session::serve_requests() {
  for (;;) {
    const HeadRead head = co_await read_head();
    if (head == HeadRead::Ended) co_return;
    take_next_worker();
    if (head == HeadRead::Refused) {
      const Refusal refusal = refusal_of(head_.head().refusal());
      co_await reject(refusal, worker_->precise_now());
      co_return co_await close_gently();
    }
    // First of all, so that whatever is thrown is told in the client's words.
    terms_.dialect = head_.route().dialect;
    const bool again = co_await serve();
    if (!again) co_return co_await close_gently();
    first_ = false;
  }
}

void Session::take_next_worker() {
  if (!next_worker_) return;
  worker_ = std::exchange(next_worker_, nullptr);
  client_.move_to(*worker_);
  head_.limit_to(head_limits(worker_->config.limits));
}

Task<Session::HeadRead> Session::read_head() {
  Connection& connection = client_.connection();
  WaitPoint& wait_point = client_.wait_point();
  const Timeouts& timeouts = worker_->config.timeouts;
  head_.begin();
  idle_ = true;
  terms_ = {};
  std::chrono::milliseconds first_time = timeouts.header;
  if (worker_->draining) first_time = FirstRequestTime;
  if (seat_ == Seat::Health) first_time = HealthTime;
  wait_point.set_deadline(worker_->now + (first_ ? first_time : timeouts.keep_alive));
  for (;;) {
    const std::string_view bytes = connection.unread();
    if (!bytes.empty()) {
      if (std::exchange(idle_, false) && !first_) {
        wait_point.set_deadline(worker_->now + timeouts.header);
      }
      const http1::Progress progress = head_.read(bytes);
      if (progress == http1::Progress::Complete) co_return HeadRead::Complete;
      if (progress == http1::Progress::Refused) co_return HeadRead::Refused;
    }
    if (idle_ && !first_ && worker_->draining) co_return HeadRead::Ended;
    if (wait_point.interrupted() != Interrupt::None || connection.ended())
      co_return HeadRead::Ended;
    if (wait_point.expired()) {
      if (idle_ && seat_ == Seat::Any) co_return HeadRead::Ended;
      const Refusal late = seat_ == Seat::Any ? refusal_of(http1::HeadTooSlow) : no_seat();
      co_await reject(late, worker_->now);
      co_return HeadRead::Ended;
    }
    if (connection.full() && !connection.reading()) {
      connection.make_room(head_.head().limits().bytes_max + Connection::SmallBytes);
    }
    connection.arm();
    co_await wait_point.wait();
  }
}

Task<bool> Session::serve() {
  const MonotonicTime begun = worker_->precise_now();
  worker_->now = begun;
  head_.settle(client_);
  const http1::RequestHead& head = head_.head();
  const Route& route = head_.route();
  worker_->set_request_id(terms_.request_id);
  terms_.minor_version = head.minor_version();
  terms_.head_only = head.method() == http1::Method::Head;
  terms_.keep_alive = head.keep_alive() && !worker_->draining;
  terms_.page_origin = head_.page_origin();
  if (head_.verdict() == ClientHead::Verdict::Preflight) co_return co_await answer_preflight();
  if (head_.verdict() != ClientHead::Verdict::Served) {
    const Refusal no = refusal_of_head();
    audit_refusal();
    client_.connection().consume(head.bytes());
    co_await reject(no, begun);
    co_return false;
  }
  if (seat_ == Seat::Health) {
    terms_.keep_alive = false;
    if (route.service != Service::Health && route.service != Service::Ready) {
      const Refusal full = no_seat();
      co_await reject(full, begun);
      co_return false;
    }
  }
  if (takes_body(route.service)) {
    std::optional<RequestsInHand::Place> place;
    const Shortage shortage = worker_->begin_request(place);
    if (shortage != Shortage::None) co_return co_await shed(shortage, begun);
    ClientRequest& request = head_.request(*worker_);
    if (route.service == Service::Forward) {
      co_await forward(request, begun);
    } else {
      client_.connection().consume(head.bytes());
      if (route.service == Service::CountTokens) {
        const auto count = std::make_unique<TokenCount>(client_, request, terms_);
        co_await count->run();
      } else {
        const auto exchange = std::make_unique<Exchange>(client_, request, terms_, begun);
        co_await exchange->run();
      }
    }
    client_.connection().stop_reading();
    client_.connection().shrink();
  } else {
    // Nothing else takes a body; one that came anyway is not read.
    terms_.keep_alive = terms_.keep_alive && !head.has_body();
    const ClientCredential own = head_.own_credential(*worker_);
    co_await answer(route, own);
  }
  co_return terms_.keep_alive&& client_.wait_point().interrupted() == Interrupt::None;
}

/// What a named origin's page may send. Its browser asks before it sends JSON or a key.
Task<bool> Session::answer_preflight() {
  const http1::RequestHead& head = head_.head();
  Answer answer{.content_type = "text/plain"};
  const auto& route = head_.route();
  const bool has_methods = route.service == Service::MethodNotAllowed && !route.allow.empty();
  answer.fields.emplace_back("access-control-allow-methods", has_methods ? route.allow : "GET");
  if (const auto names = head.fields().get("access-control-request-headers")) {
    answer.fields.emplace_back("access-control-allow-headers", *names);
  }
  if (head.fields().get("access-control-request-private-network")) {
    answer.fields.emplace_back("access-control-allow-private-network", "true");
  }
  answer.fields.emplace_back("access-control-max-age", "600");
  terms_.keep_alive = terms_.keep_alive && !head.has_body();
  client_.connection().consume(head.bytes());
  co_await client_.answer(answer, terms_);
  co_return terms_.keep_alive&& client_.wait_point().interrupted() == Interrupt::None;
}

Task<void> Session::forward(ClientRequest& request, MonotonicTime begun) {
  const http1::RequestHead& head = head_.head();
  const Route& route = head_.route();
  ForwardRequest asked(head, route.kind, route.path);
  client_.connection().consume(head.bytes());
  const auto forward = std::make_unique<Forward>(client_, request, std::move(asked), terms_, begun);
  co_await forward->run();
}

Task<void> Session::answer(const Route& route, const ClientCredential& own) {
  const http1::RequestHead& head = head_.head();
  const std::string path(head.path());
  const ModelQuestion question{.dialect = route.dialect,
                               .query = std::string(head.query()),
                               .name = path_value(model_in(path)),
                               .own = &own,
                               .request_id = terms_.request_id};
  const std::string accept(head.fields().get(http1::FieldName::Accept).value_or(""));
  client_.connection().consume(head.bytes());
  Answer answer;
  if (asks_provider(route.service)) {
    client_.connection().keep_reading();
    answer = co_await provider_answer(route.service, question);
    client_.connection().stop_reading();
  } else {
    answer = own_answer(route, path, question.query, accept);
  }
  co_await client_.answer(answer, terms_);
}

Task<Answer> Session::provider_answer(Service service, const ModelQuestion& question) {
  ModelCatalog& models = worker_->models;
  switch (service) {
    case Service::Model:
      co_return co_await models.one(client_, question);
    case Service::TopModels:
      co_return co_await models.top(client_, question);
    case Service::TestConnection:
      co_return co_await probe_provider(client_, models, question);
    default:
      co_return co_await models.list(client_, question);
  }
}

/// Who shows the key is told all; without one set, who calls from this machine.
Told Session::told() {
  static constexpr const Permission& All = *RuleOf<Port::Proxy>("/health, all of it").row;
  const bool knows =
      worker_->snapshot.authenticator.has_key() ? head_.may(All) : client_.asker().is_loopback();
  return knows ? Told::All : Told::Alive;
}

Answer Session::own_answer(const Route& route, std::string_view path, std::string_view query,
                           std::string_view accept) {
  switch (route.service) {
    case Service::Health:
      return health(*worker_, accept, told());
    case Service::Ready:
      return readiness(*worker_);
    case Service::Root:
      return root(*worker_);
    case Service::Hello:
      return {.body = R"({"message":"hello"})"};
    case Service::Metrics:
      return {.content_type = Exposition::ContentType, .body = prometheus_text(*worker_)};
    case Service::MetricsService:
      return metrics_service_answer(*worker_, path, query);
    case Service::Aliases:
      return aliases(*worker_);
    case Service::Facts:
      return model_facts(*worker_, query, route.dialect);
    case Service::Profiles:
      return profiles(*worker_);
    default:
      break;
  }
  const bool missing = route.service == Service::NotFound;
  const Refusal refusal = missing ? Refusal{404, "not_found", "no such path"}
                                  : Refusal{405, "invalid_request", "method not allowed here"};
  Answer answer{.status = refusal.status,
                .body = error_body(terms_.dialect, refusal, terms_.request_id)};
  if (!missing) answer.fields.emplace_back("allow", std::string(route.allow));
  return answer;
}

Task<void> Session::close_gently() {
  Connection& connection = client_.connection();
  WaitPoint& wait_point = client_.wait_point();
  if (connection.ended() || wait_point.interrupted() != Interrupt::None) co_return;
  idle_ = true;
  connection.shutdown_send();
  wait_point.set_deadline(worker_->now + DiscardTime);
  std::size_t discarded = 0;
  while (!connection.ended() && !wait_point.over() && discarded < DiscardMax) {
    discarded += connection.unread().size();
    connection.consume(connection.unread().size());
    connection.arm();
    co_await wait_point.wait();
  }
}

}  // namespace vdm::proxy
