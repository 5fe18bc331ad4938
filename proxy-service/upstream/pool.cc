#include "proxy-service/upstream/pool.h"

#include <algorithm>
#include <utility>

#include "proxy-service/upstream/wait_error.h"

namespace vdm::proxy {
namespace {

// With several addresses, one that does not answer must not use up all the time.
constexpr std::chrono::milliseconds OneAddressMin{1000};

Error cannot(const Provider& provider, std::string_view what, std::string_view why) {
  return {ErrorKind::UpstreamRejected,
          "provider '" + provider.name + "': " + std::string(what) + ": " + std::string(why)};
}

Error no_address(const Provider& provider, std::string_view host, std::string_view why) {
  return {ErrorKind::NoAddress, "provider '" + provider.name + "': looking up the address of '" +
                                    std::string(host) + "': " + std::string(why)};
}

}  // namespace

Connection::Ptr ProviderPool::take_idle() {
  while (!idle_.empty()) {
    Connection::Ptr connection = std::move(idle_.back().connection);
    idle_.pop_back();
    if (!connection->ended() && connection->unread().empty()) return connection;
  }
  return nullptr;
}

void ProviderPool::give_back(Connection::Ptr connection, MonotonicTime now) {
  if (options_.idle_max == 0 || connection->ended()) return;
  if (idle_.size() >= options_.idle_max) idle_.erase(idle_.begin());
  Connection* const kept = connection.get();
  // Bytes or an end that arrive while no request is under way: the pool drops the connection.
  kept->detach([this, kept] { drop(kept); });
  idle_.push_back({std::move(connection), now});
  kept->arm();
}

void ProviderPool::drop(const Connection* connection) {
  std::erase_if(idle_,
                [connection](const Idle& idle) { return idle.connection.get() == connection; });
}

void ProviderPool::close_expired(MonotonicTime now) {
  const auto fresh = std::ranges::find_if(
      idle_, [&](const Idle& idle) { return now - idle.since < options_.idle_time; });
  idle_.erase(idle_.begin(), fresh);
}

void ProviderPool::keep_none() {
  options_.idle_max = 0;
  idle_.clear();
}

Task<Result<NameAnswer::Addresses>> ProviderPool::resolve(WaitPoint& wait_point,
                                                          const MonotonicTime& now,
                                                          MonotonicTime until) {
  NameAnswer answer = co_await names_.resolve(address_.host, wait_point, now, until);
  if (wait_point.interrupted() != Interrupt::None) co_return wait_error(wait_point, provider_, "");
  // Our name servers are slow, not the provider.
  if (wait_point.over()) answer.fault = "no name server answered in time";
  if (!answer.addresses) co_return no_address(provider_, address_.host, answer.fault);
  co_return Result<NameAnswer::Addresses>(std::move(answer.addresses));
}

Task<Result<Connection::Ptr>> ProviderPool::connect(WaitPoint& wait_point, const MonotonicTime& now,
                                                    AttemptFailure::Kind& fault) {
  fault = AttemptFailure::Kind::NoAddress;
  const MonotonicTime until = now + provider_.timeouts.connect;
  const auto addresses = co_await resolve(wait_point, now, until);
  if (!addresses) co_return addresses.error();

  fault = AttemptFailure::Kind::NoConnection;
  Connection::Ptr connection = std::make_unique<Connection>(reactor_, read_buffer_);
  connection->attach(&wait_point);
  std::size_t left = (*addresses)->size();
  boost::system::error_code refusal;
  for (const asio::ip::address& address : **addresses) {
    const auto share = std::max<MonotonicTime::duration>(
        OneAddressMin, (until - now) / static_cast<std::int64_t>(left));
    --left;
    wait_point.set_deadline(left == 0 ? until : std::min(until, now + share));
    connection->start_connect(tcp::endpoint(address, address_.port));
    while (connection->connecting() && !wait_point.over()) co_await wait_point.wait();
    if (wait_point.interrupted() != Interrupt::None)
      co_return wait_error(wait_point, provider_, "");
    if (!connection->connecting() && !connection->connect_error()) break;
    if (connection->connecting()) {  // this address did not answer in its time
      names_.mark_stale(address_.host);
      if (left == 0) co_return wait_error(wait_point, provider_, "connecting took too long");
      connection = std::make_unique<Connection>(reactor_, read_buffer_);
      connection->attach(&wait_point);
      continue;
    }
    refusal = connection->connect_error();
    names_.mark_stale(address_.host);  // its addresses may have changed
    if (left == 0) co_return cannot(provider_, "cannot connect", refusal.message());
  }
  if (address_.scheme == Scheme::Https) {
    wait_point.set_deadline(now + provider_.timeouts.tls);
    connection->start_tls(tls_.connection(address_.host, session_));
    const TlsLayer::Step step = co_await connection->handshake(wait_point);
    if (wait_point.over())
      co_return wait_error(wait_point, provider_, "the TLS handshake took too long");
    if (step != TlsLayer::Step::Done) {
      if (!connection->tls()->error().empty()) fault = AttemptFailure::Kind::Untrusted;
      co_return cannot(provider_, "TLS",
                       connection->tls()->error().empty() ? "the connection was closed"
                                                          : connection->tls()->error());
    }
  }
  co_return Result<Connection::Ptr>(std::move(connection));
}

}  // namespace vdm::proxy
