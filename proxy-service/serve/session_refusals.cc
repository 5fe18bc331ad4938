#include <memory>
#include <string>
#include <utility>

#include "proxy-service/serve/body_type.h"
#include "proxy-service/serve/session.h"
#include "proxy-service/worker/rejection.h"

// How a session refuses a request before anything is done for it, and what is recorded of that.

namespace vdm::proxy {
namespace {

/// The word of the audit log for why nobody is let in; empty: it is not about who asks.
std::string_view audited(const ClientHead& head) {
  switch (head.verdict()) {
    case ClientHead::Verdict::NoKey:
      if (head.key() != nullptr) return "expired key";
      return head.shows_key() ? "wrong key" : "no key";
    case ClientHead::Verdict::LockedOut:
      return "too many wrong keys";
    case ClientHead::Verdict::WrongRole:
      return "wrong role";
    case ClientHead::Verdict::ForeignPage:
      return "foreign page";
    default:
      return {};
  }
}

}  // namespace

/// Why a request is not served, by its head alone.
Refusal Session::refusal_of_head() const {
  switch (head_.verdict()) {
    case ClientHead::Verdict::UnknownHost:
      return {421, "misdirected", "Host: not a name of this gateway; add it to VDM_ALLOWED_HOSTS"};
    case ClientHead::Verdict::ForeignPage:
      return {403, "forbidden",
              "Origin, Sec-Fetch-Site: not for pages of other sites, unless VDM_ALLOWED_ORIGINS "
              "names their origin"};
    case ClientHead::Verdict::LockedOut:
      return {429, "too_many_wrong_keys",
              "too many wrong keys came from this address; wait before the next", head_.wait()};
    case ClientHead::Verdict::WrongRole:
      return {403, "forbidden",
              "the role of this key, " + std::string(word_of(head_.key()->role)) +
                  ", is not for this path"};
    case ClientHead::Verdict::WrongType:
      return wrong_type(head_.route(), head_.head());
    default:
      return {401, "unauthorized",
              head_.key() != nullptr
                  ? "the time of this key is over"
                  : "expected a valid key in x-api-key or Authorization: Bearer"};
  }
}

/// The last answer of this connection.
Task<bool> Session::refuse(const Refusal& refusal) {
  if (terms_.request_id.empty()) worker_->set_request_id(terms_.request_id);
  terms_.keep_alive = false;
  return client_.refuse(refusal, terms_);
}

Task<bool> Session::reject(const Refusal& refusal, MonotonicTime begun) {
  if (terms_.request_id.empty()) worker_->set_request_id(terms_.request_id);
  terms_.keep_alive = false;
  return tell_rejected(refusal, begun);
}

Task<bool> Session::tell_rejected(const Refusal& refusal, MonotonicTime begun) {
  // Of a head that was refused, the route may be known or not.
  const Route route = find_route(head_.head());
  const bool recorded = is_reported(route.service) && count_rejection(client_, refusal);
  RequestFacts facts = recorded ? rejected_facts(route, begun) : RequestFacts();
  const bool again = co_await client_.refuse(refusal, terms_);
  if (recorded) {
    record_rejection(*worker_, std::make_shared<const RequestFacts>(std::move(facts)), refusal,
                     begun);
  }
  co_return again;
}

/// No more than the head says: the client has shown no key, or a wrong one.
RequestFacts Session::rejected_facts(const Route& route, MonotonicTime begun) {
  RequestFacts facts;
  if (head_.complete()) {
    facts = *head_.request(*worker_).facts;
    if (!head_.admitted()) facts.client_label.clear();
  }
  facts.request_id = terms_.request_id;
  facts.started_at = worker_->wall_at(begun);
  facts.client_dialect = route.dialect;
  if (route.service == Service::Forward) facts.kind = word_of(route.kind);
  return facts;
}

/// Refuses a request at its head, at little cost. A body that has come whole is dropped with it, so
/// that the connection serves on: a new one would cost both sides more than this request.
Task<bool> Session::shed(Shortage shortage, MonotonicTime begun) {
  const http1::RequestHead& head = head_.head();
  const std::uint64_t here = client_.connection().unread().size() - head.bytes();
  const std::uint64_t body = head.content_length().value_or(0);
  const bool whole = !head.chunked() && body <= here;
  terms_.keep_alive = terms_.keep_alive && whole;
  worker_->counts.shed(shortage);
  const Refusal busy = refusal_of(shortage);
  client_.connection().consume(head.bytes() + (whole ? static_cast<std::size_t>(body) : 0));
  co_await tell_rejected(busy, begun);
  co_return terms_.keep_alive&& client_.wait_point().interrupted() == Interrupt::None;
}

void Session::audit_refusal() {
  AuditLog* const audit = worker_->snapshot.server.audit;
  const std::string_view outcome = audited(head_);
  if (audit == nullptr || outcome.empty()) return;
  const http1::RequestHead& head = head_.head();
  audit->refused(
      {.actor = head_.key() != nullptr ? head_.key()->name : "",
       .shown = head_.shown_label(),
       .address = client_.asker(),
       .action = "call",
       .target = std::string(http1::text_of(head.method())) + " " + std::string(head.path()),
       .outcome = std::string(outcome)});
}

}  // namespace vdm::proxy
