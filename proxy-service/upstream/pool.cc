#include "proxy-service/upstream/pool.h"

#include <algorithm>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "proxy-service/upstream/gave_up.h"

namespace vdm::proxy {
namespace {

// Names are asked again after this; a provider's connections live longer anyway.
constexpr std::chrono::seconds AddressesKept{30};
// With several addresses, one that does not answer must not use up all the time.
constexpr std::chrono::milliseconds OneAddressMin{1000};

Error cannot(const Provider& provider, std::string_view what, std::string_view why) {
  return {ErrorKind::UpstreamRejected,
          "provider '" + provider.name + "': " + std::string(what) + ": " + std::string(why)};
}

}  // namespace

/// A question to the resolver. Its thread cannot be interrupted: who asked may be
/// gone when the answer comes.
struct ProviderPool::Lookup {
  WaitPoint* asked_by;
  bool done = false;
  boost::system::error_code fault;
  std::vector<tcp::endpoint> found{};
};

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
  // Whatever comes while nothing is asked, it ends the connection.
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

void ProviderPool::close_all() {
  keep_none();
  resolver_.cancel();
}

Task<Result<std::vector<tcp::endpoint>>> ProviderPool::resolve(WaitPoint& wait_point,
                                                               const MonotonicTime& now) {
  const BaseUrl& url = provider_.base_url;
  boost::system::error_code not_an_address;
  const auto address = asio::ip::make_address(url.host, not_an_address);
  if (!not_an_address) co_return std::vector{tcp::endpoint(address, url.port)};
  if (now < addresses_until_) co_return addresses_;

  const auto lookup = std::make_shared<Lookup>(Lookup{.asked_by = &wait_point, .fault = {}});
  auto answered = [lookup](const boost::system::error_code& error, const auto& results) {
    lookup->done = true;
    lookup->fault = error;
    for (const auto& entry : results) lookup->found.push_back(entry.endpoint());
    if (lookup->asked_by != nullptr) lookup->asked_by->wake();
  };
  resolver_.async_resolve(url.host, std::to_string(url.port), std::move(answered));
  {
    // The answer comes through Asio, which our sockets do not wait for.
    const Reactor::PollingScope impatience(reactor_);
    while (!lookup->done && !wait_point.over()) co_await wait_point.wait();
  }
  lookup->asked_by = nullptr;
  if (wait_point.over())
    co_return gave_up(wait_point, provider_, "looking up its address took too long");
  if (lookup->fault) co_return cannot(provider_, "looking up its address", lookup->fault.message());
  if (lookup->found.empty()) co_return cannot(provider_, "looking up its address", "none found");
  addresses_ = lookup->found;
  addresses_until_ = now + AddressesKept;
  co_return addresses_;
}

Task<Result<Connection::Ptr>> ProviderPool::connect(WaitPoint& wait_point, const MonotonicTime& now,
                                                    AttemptFailure::Kind& fault) {
  fault = AttemptFailure::Kind::NoConnection;
  const MonotonicTime until = now + provider_.timeouts.connect;
  wait_point.set_deadline(until);
  const auto endpoints = co_await resolve(wait_point, now);
  if (!endpoints) co_return endpoints.error();

  Connection::Ptr connection = std::make_unique<Connection>(reactor_, read_buffer_);
  connection->attach(&wait_point);
  std::size_t left = endpoints->size();
  boost::system::error_code refusal;
  for (const tcp::endpoint& endpoint : *endpoints) {
    const auto share = std::max<MonotonicTime::duration>(
        OneAddressMin, (until - now) / static_cast<std::int64_t>(left));
    --left;
    wait_point.set_deadline(left == 0 ? until : std::min(until, now + share));
    connection->start_connect(endpoint);
    while (connection->connecting() && !wait_point.over()) co_await wait_point.wait();
    if (wait_point.interrupted() != Interrupt::None) co_return gave_up(wait_point, provider_, "");
    if (!connection->connecting() && !connection->connect_error()) break;
    if (connection->connecting()) {  // no answer from this address in its time
      if (left == 0) co_return gave_up(wait_point, provider_, "connecting took too long");
      connection = std::make_unique<Connection>(reactor_, read_buffer_);
      connection->attach(&wait_point);
      continue;
    }
    refusal = connection->connect_error();
    addresses_until_ = {};  // it may have moved
    if (left == 0) co_return cannot(provider_, "cannot connect", refusal.message());
  }
  if (provider_.base_url.scheme == Scheme::Https) {
    wait_point.set_deadline(now + provider_.timeouts.tls);
    connection->start_tls(tls_.connection(provider_.base_url.host, session_));
    const TlsLayer::Step step = co_await connection->handshake(wait_point);
    if (wait_point.over())
      co_return gave_up(wait_point, provider_, "the TLS handshake took too long");
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
