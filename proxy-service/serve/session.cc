#include "proxy-service/serve/session.h"

#include "proxy-service/serve/alias_list.h"
#include "proxy-service/serve/connection_test.h"
#include "proxy-service/serve/exchange.h"
#include "proxy-service/serve/health.h"
#include "proxy-service/serve/model_list.h"
#include "proxy-service/serve/token_count.h"

namespace vdm::proxy {
namespace {

// What a refused client may still have on its way; read so that it can read our answer.
constexpr std::size_t DiscardMax = 64 * 1024;
constexpr std::chrono::seconds DiscardTime{1};
// While draining: the time for a new connection's first request, which is likely on its way.
constexpr std::chrono::seconds FirstRequestTime{1};

http1::RequestHeadLimits head_limits(const Limits& limits) {
  return {.bytes_max = limits.header_bytes_max,
          .fields_max = limits.header_fields_max,
          .target_bytes_max = limits.target_bytes_max};
}

}  // namespace

Session::Session(std::shared_ptr<Lane> lane, Descriptor socket)
    : lane_(std::move(lane)),
      client_(*lane_, std::move(socket)),
      head_(head_limits(lane_->config.limits)) {}

void Session::tick(MonotonicTime now) {
  Wire& wire = client_.wire();
  // Its buffer is full of what comes next, so no read is pending that would tell.
  if (!idle_ && !wire.reading() && !wire.ended() && wire.peer_has_closed()) {
    client_.waiting().interrupt(Interrupt::ClientGone);
    return;
  }
  client_.waiting().tick(now);
}

void Session::drain() {
  if (!idle_) return;
  if (first_) {
    client_.waiting().set_deadline(lane_->now + FirstRequestTime);
  } else {
    client_.waiting().interrupt(Interrupt::Shutdown);
  }
}

Task<void> Session::run() {
  for (;;) {
    const Got got = co_await read_head();
    if (got == Got::Nothing) co_return;
    take_next_lane();
    if (got == Got::Refused) {
      ReplyTerms terms{.request_id = lane_->next_request_id()};
      const Failure failure = failure_of(head_.refusal());
      co_await client_.refuse(failure, terms);
      co_return co_await close_gently();
    }
    const bool again = co_await serve();
    if (!again) co_return co_await close_gently();
    first_ = false;
  }
}

void Session::take_next_lane() {
  if (!next_lane_) return;
  lane_ = std::exchange(next_lane_, nullptr);
  client_.move_to(*lane_);
  head_.limit_to(head_limits(lane_->config.limits));
  // What was kept of the last head was written for the providers of then.
  repeated_ = false;
}

Task<Session::Got> Session::read_head() {
  Wire& wire = client_.wire();
  Waiting& waiting = client_.waiting();
  const Timeouts& timeouts = lane_->config.timeouts;
  bool reading = false;
  repeated_ = false;
  idle_ = true;
  const auto first_time = lane_->draining ? FirstRequestTime : timeouts.header;
  waiting.set_deadline(lane_->now + (first_ ? first_time : timeouts.keep_alive));
  for (;;) {
    const std::string_view bytes = wire.unread();
    if (!bytes.empty()) {
      if (std::exchange(idle_, false) && !first_) {
        waiting.set_deadline(lane_->now + timeouts.header);
      }
      if (!reading && head_.again(bytes)) {
        repeated_ = true;
        co_return Got::Head;
      }
      if (!std::exchange(reading, true)) head_.clear();
      const http1::Progress progress = head_.read(bytes);
      if (progress == http1::Progress::Complete) {
        // Most connections carry one request, whose head is not worth keeping.
        if (!first_) head_.remember();
        co_return Got::Head;
      }
      if (progress == http1::Progress::Refused) co_return Got::Refused;
    }
    if (idle_ && !first_ && lane_->draining) co_return Got::Nothing;
    if (waiting.interrupted() != Interrupt::None || wire.ended()) co_return Got::Nothing;
    if (waiting.expired()) {
      if (idle_) co_return Got::Nothing;
      ReplyTerms terms{.request_id = lane_->next_request_id()};
      const Failure slow = failure_of(http1::HeadTooSlow);
      co_await client_.refuse(slow, terms);
      co_return Got::Nothing;
    }
    if (wire.full() && !wire.reading()) {
      wire.make_room(head_.limits().bytes_max + Wire::SmallBytes);
    }
    wire.arm();
    co_await waiting.wait();
  }
}

Task<bool> Session::serve() {
  const MonotonicTime begun = lane_->precise_now();
  lane_->now = begun;
  if (!repeated_) {
    route_ = find_route(head_);
    known_host_ = lane_->shared.gate.knows_host(head_);
    admitted_ = admission().admitted;
  }
  const Route& route = route_;
  ReplyTerms terms{.request_id = lane_->next_request_id(),
                   .dialect = route.dialect,
                   .minor_version = head_.minor_version(),
                   .head_only = head_.method() == http1::Method::Head,
                   .keep_alive = head_.keep_alive() && !lane_->draining};
  const bool counts = route.service == Service::CountTokens;
  if (!known_host_ || (!route.open && !admitted_)) {
    const Failure no = known_host_ ? Failure{401, "unauthorized",
                                             "expected a valid key in x-api-key or "
                                             "Authorization: Bearer"}
                                   : Failure{421, "misdirected",
                                             "Host: not a name of this gateway; add it "
                                             "to VDM_ALLOWED_HOSTS"};
    terms.keep_alive = terms.keep_alive && !head_.has_body();
    client_.wire().consume(head_.bytes());
    co_await client_.refuse(no, terms);
    co_return terms.keep_alive;
  }
  if (counts || route.service == Service::Completion) {
    if (repeated_) {
      call_.read_again(head_);
    } else {
      call_.read(head_, route.dialect, counts ? Endpoint::CountTokens : Endpoint::Completion);
      call_.client_label = shown_key_.label();
      call_.own_key = Secret(std::string(admission().own));
    }
    if (!call_.trace_is_clients) call_.trace_id = lane_->new_trace_id();
    client_.wire().consume(head_.bytes());
    if (counts) {
      const auto count = std::make_unique<TokenCount>(client_, call_, terms);
      co_await count->run();
    } else {
      const auto exchange = std::make_unique<Exchange>(client_, call_, terms, begun);
      co_await exchange->run();
    }
    client_.wire().stop_reading();
    client_.wire().shrink();
  } else {
    // Nothing else takes a body; one that came anyway is not read.
    terms.keep_alive = terms.keep_alive && !head_.has_body();
    const Secret own_key{std::string(admission().own)};
    co_await answer(route, terms, own_key);
  }
  co_return terms.keep_alive&& client_.waiting().interrupted() == Interrupt::None;
}

Admission Session::admission() {
  return lane_->shared.gate.admit(client_keys(head_.fields()), shown_key_);
}

Task<void> Session::answer(const Route& route, ReplyTerms& terms, const Secret& key) {
  const std::string path(head_.path());
  const ModelQuestion question{.dialect = route.dialect,
                               .query = std::string(head_.query()),
                               .name = path_value(model_in(path)),
                               .key = &key,
                               .request_id = terms.request_id};
  const std::string accept(head_.fields().get(http1::FieldName::Accept).value_or(""));
  const auto site = head_.fields().get(http1::FieldName::SecFetchSite);
  const bool from_other_site = site && *site == "cross-site";
  client_.wire().consume(head_.bytes());
  Answer answer;
  if (route.service == Service::TestConnection && from_other_site) {
    // It costs money: no page may have it done behind its reader's back.
    const Failure failure{403, "forbidden", "Sec-Fetch-Site: not for pages of other sites"};
    answer = {.status = failure.status,
              .body = error_body(terms.dialect, failure, terms.request_id)};
  } else if (asks_provider(route.service)) {
    client_.wire().keep_reading();
    answer = co_await asked(route.service, question);
    client_.wire().stop_reading();
  } else {
    answer = told(route, terms, path, question.query, accept);
  }
  co_await client_.answer(answer, terms);
}

Task<Answer> Session::asked(Service service, const ModelQuestion& question) {
  ModelCatalog& models = *lane_->models;
  switch (service) {
    case Service::Model:
      co_return co_await models.one(client_, question);
    case Service::TopModels:
      co_return co_await models.top(client_, question);
    case Service::TestConnection:
      co_return co_await test_connection(client_, question);
    default:
      co_return co_await models.list(client_, question);
  }
}

Answer Session::told(const Route& route, const ReplyTerms& terms, std::string_view path,
                     std::string_view query, std::string_view accept) const {
  switch (route.service) {
    case Service::Health:
      return health(*lane_, accept);
    case Service::Ready:
      return readiness(*lane_);
    case Service::Root:
      return root(*lane_);
    case Service::Hello:
      return {.body = R"({"message":"hello"})"};
    case Service::MetricsRedirect:
      return metrics_redirect(*lane_, path, query);
    case Service::Aliases:
      return aliases(*lane_);
    case Service::Profiles:
      return profiles(*lane_);
    default:
      break;
  }
  const bool missing = route.service == Service::NotFound;
  const Failure failure = missing ? Failure{404, "not_found", "no such path"}
                                  : Failure{405, "invalid_request", "method not allowed here"};
  Answer answer{.status = failure.status,
                .body = error_body(terms.dialect, failure, terms.request_id)};
  if (!missing) answer.fields.emplace_back("allow", std::string(route.allow));
  return answer;
}

Task<void> Session::close_gently() {
  Wire& wire = client_.wire();
  Waiting& waiting = client_.waiting();
  if (wire.ended() || waiting.interrupted() != Interrupt::None) co_return;
  idle_ = true;
  wire.shutdown_send();
  waiting.set_deadline(lane_->now + DiscardTime);
  std::size_t discarded = 0;
  while (!wire.ended() && !waiting.over() && discarded < DiscardMax) {
    discarded += wire.unread().size();
    wire.consume(wire.unread().size());
    wire.arm();
    co_await waiting.wait();
  }
}

}  // namespace vdm::proxy
