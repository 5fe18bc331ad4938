#include "proxy-service/serve/client_head.h"

#include <utility>
#include <vector>

#include "proxy-service/serve/body_type.h"

namespace vdm::proxy {
namespace {

/// Whom the trusted proxy in front names as its client.
IpAddress named_client(const TrustedProxies& trusted, const IpAddress& peer,
                       const http1::Fields& fields) {
  std::vector<std::string_view> forwarded;
  for (const http1::Field field : fields) {
    if (!http1::equal_ignoring_case(field.name, "x-forwarded-for")) continue;
    forwarded.push_back(field.value);
  }
  return trusted.client_of(peer, forwarded);
}

bool has_any(const ClientKeys& keys) {
  return !keys.api_key.empty() || !keys.bearer.empty() || !keys.gateway.empty();
}

}  // namespace

http1::Progress ClientHead::read(std::string_view received) {
  if (!reading_ && repeats(received)) {
    repeated_ = true;
    return http1::Progress::Complete;
  }
  if (!std::exchange(reading_, true)) head_.clear();
  const http1::Progress progress = head_.read(received);
  if (progress == http1::Progress::Complete) {
    request_read_ = false;
    route_ = find_route(head_);
    keep(received.substr(0, head_.bytes()));
  }
  return progress;
}

void ClientHead::keep(std::string_view head) {
  text_.clear();
  // Most connections carry one request, whose head is not worth keeping.
  if (std::exchange(first_, false)) return;
  text_ = head;
  const auto length = head_.fields().get(http1::FieldName::ContentLength);
  length_at_ = length ? static_cast<std::size_t>(length->data() - head.data()) : 0;
  length_size_ = length ? length->size() : 0;
}

bool ClientHead::repeats(std::string_view received) {
  if (text_.empty() || received.size() < text_.size()) return false;
  const std::string_view before = text_;
  const std::string_view now = received.substr(0, before.size());
  const std::size_t behind = length_at_ + length_size_;
  return now.substr(0, length_at_) == before.substr(0, length_at_) &&
         now.substr(behind) == before.substr(behind) && head_.read_length_again(now.data());
}

void ClientHead::settle(ClientConnection& client) {
  const Worker& worker = client.worker();
  const bool has_expired =
      key_expires_ != SystemTime::max() && worker.wall_at(worker.now) >= key_expires_;
  if (repeated_ && !has_expired) return;
  repeated_ = false;
  const TrustedProxies& trusted = worker.snapshot.trusted_proxies;
  if (!trusted.empty()) client.set_asker(named_client(trusted, client.peer(), head_.fields()));
  page_ = worker.snapshot.pages.page_of(head_);
  const AuthResult shown = authenticate(worker);
  admitted_ = shown.admitted;
  key_ = shown.key;
  key_expires_ = admitted_ && key_ && key_->expires ? *key_->expires : SystemTime::max();
  shows_key_ = has_any(client_keys(head_.fields()));
  wait_ = std::chrono::seconds(0);
  if (worker.snapshot.authenticator.has_key()) note_key(client);
  verdict_ = judge(worker);
}

/// Counts what came against the client's address, once for all requests of a connection that show
/// the right key: these pay no lock.
void ClientHead::note_key(ClientConnection& client) {
  const bool is_expired = !admitted_ && key_ != nullptr;  // no guess
  if (is_expired || (!admitted_ && !shows_key_)) return;
  if (admitted_ && proven_ == client.asker()) return;
  const Worker& worker = client.worker();
  const auto key = admitted_ ? KeyThrottle::Key::Right : KeyThrottle::Key::Wrong;
  const auto wait = worker.snapshot.server.key_throttle.note(client.asker(), key, worker.now);
  if (wait) {
    wait_ = *wait;
    admitted_ = false;
  } else if (admitted_) {
    proven_ = client.asker();
  }
}

/// Whether it does something for who asks: then no foreign page may ask. What is only read stays
/// with the browser, which shows it to no such page.
bool ClientHead::does_something() const {
  const http1::Method method = head_.method();
  const bool only_reads = method == http1::Method::Get || method == http1::Method::Head;
  return !only_reads || asks_provider(route_.service) || route_.service == Service::Forward;
}

bool ClientHead::is_preflight() const {
  return head_.method() == http1::Method::Options && !page_.origin.empty() &&
         head_.fields().get("access-control-request-method").has_value();
}

ClientHead::Verdict ClientHead::judge(const Worker& worker) const {
  if (!worker.snapshot.authenticator.knows_host(head_)) return Verdict::UnknownHost;
  if (is_preflight()) return Verdict::Preflight;  // it comes without a key
  if (page_.foreign && does_something()) return Verdict::ForeignPage;
  if (!route_.open && !admitted_) {
    return wait_.count() > 0 ? Verdict::LockedOut : Verdict::NoKey;
  }
  if (key_ != nullptr && !may_have(route_, key_->role)) return Verdict::WrongRole;
  return takes_type(route_, head_) ? Verdict::Served : Verdict::WrongType;
}

ClientCredential ClientHead::own_credential(const Worker& worker) {
  return worker.snapshot.authenticator.credential(authenticate(worker).own);
}

ClientRequest& ClientHead::request(Worker& worker) {
  request_.begin();
  if (std::exchange(request_read_, true)) {
    request_.content_length = head_.content_length();
  } else {
    const bool counts = route_.service == Service::CountTokens;
    request_.read(head_, route_.dialect, counts ? Endpoint::CountTokens : Endpoint::Completion);
    request_.facts->client_label = credentials_.label();
    request_.own = own_credential(worker);
  }
  if (!request_.trace_is_clients) {
    request_.facts->trace_id.clear();
    worker.append_trace_id(request_.facts->trace_id);
  }
  return request_;
}

}  // namespace vdm::proxy
