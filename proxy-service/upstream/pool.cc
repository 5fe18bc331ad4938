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
  Waiting* asked_by;
  bool done = false;
  boost::system::error_code fault;
  std::vector<tcp::endpoint> found{};
};

Wire::Ptr ProviderPool::take_idle() {
  while (!idle_.empty()) {
    Wire::Ptr wire = std::move(idle_.back().wire);
    idle_.pop_back();
    if (!wire->ended() && wire->unread().empty()) return wire;
  }
  return nullptr;
}

void ProviderPool::give_back(Wire::Ptr wire, MonotonicTime now) {
  if (options_.idle_max == 0 || wire->ended()) return;
  if (idle_.size() >= options_.idle_max) idle_.erase(idle_.begin());
  Wire* const kept = wire.get();
  // Whatever comes while nothing is asked, it ends the connection.
  kept->detach([this, kept] { drop(kept); });
  idle_.push_back({std::move(wire), now});
  kept->arm();
}

void ProviderPool::drop(const Wire* wire) {
  std::erase_if(idle_, [wire](const Idle& idle) { return idle.wire.get() == wire; });
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

Task<Result<std::vector<tcp::endpoint>>> ProviderPool::resolve(Waiting& waiting,
                                                               const MonotonicTime& now) {
  const BaseUrl& url = provider_.base_url;
  boost::system::error_code not_an_address;
  const auto address = asio::ip::make_address(url.host, not_an_address);
  if (!not_an_address) co_return std::vector{tcp::endpoint(address, url.port)};
  if (now < addresses_until_) co_return addresses_;

  const auto lookup = std::make_shared<Lookup>(Lookup{.asked_by = &waiting, .fault = {}});
  auto answered = [lookup](const boost::system::error_code& error, const auto& results) {
    lookup->done = true;
    lookup->fault = error;
    for (const auto& entry : results) lookup->found.push_back(entry.endpoint());
    if (lookup->asked_by != nullptr) lookup->asked_by->wake();
  };
  resolver_.async_resolve(url.host, std::to_string(url.port), std::move(answered));
  {
    // The answer comes through Asio, which our sockets do not wait for.
    const Reactor::Impatience impatience(reactor_);
    while (!lookup->done && !waiting.over()) co_await waiting.wait();
  }
  lookup->asked_by = nullptr;
  if (waiting.over()) co_return gave_up(waiting, provider_, "looking up its address took too long");
  if (lookup->fault) co_return cannot(provider_, "looking up its address", lookup->fault.message());
  if (lookup->found.empty()) co_return cannot(provider_, "looking up its address", "none found");
  addresses_ = lookup->found;
  addresses_until_ = now + AddressesKept;
  co_return addresses_;
}

Task<Result<Wire::Ptr>> ProviderPool::connect(Waiting& waiting, const MonotonicTime& now,
                                              Fault& fault) {
  fault = Fault::NoConnection;
  const MonotonicTime until = now + provider_.timeouts.connect;
  waiting.set_deadline(until);
  const auto endpoints = co_await resolve(waiting, now);
  if (!endpoints) co_return endpoints.error();

  Wire::Ptr wire = std::make_unique<Wire>(reactor_, scratch_);
  wire->attach(&waiting);
  std::size_t left = endpoints->size();
  boost::system::error_code refusal;
  for (const tcp::endpoint& endpoint : *endpoints) {
    const auto share = std::max<MonotonicTime::duration>(
        OneAddressMin, (until - now) / static_cast<std::int64_t>(left));
    --left;
    waiting.set_deadline(left == 0 ? until : std::min(until, now + share));
    wire->start_connect(endpoint);
    while (wire->connecting() && !waiting.over()) co_await waiting.wait();
    if (waiting.interrupted() != Interrupt::None) co_return gave_up(waiting, provider_, "");
    if (!wire->connecting() && !wire->connect_fault()) break;
    if (wire->connecting()) {  // no answer from this address in its time
      if (left == 0) co_return gave_up(waiting, provider_, "connecting took too long");
      wire = std::make_unique<Wire>(reactor_, scratch_);
      wire->attach(&waiting);
      continue;
    }
    refusal = wire->connect_fault();
    addresses_until_ = {};  // it may have moved
    if (left == 0) co_return cannot(provider_, "cannot connect", refusal.message());
  }
  if (provider_.base_url.scheme == Scheme::Https) {
    waiting.set_deadline(now + provider_.timeouts.tls);
    wire->start_tls(tls_.connection(provider_.base_url.host, session_));
    const TlsLayer::Step step = co_await wire->handshake(waiting);
    if (waiting.over()) co_return gave_up(waiting, provider_, "the TLS handshake took too long");
    if (step != TlsLayer::Step::Done) {
      if (!wire->tls()->fault().empty()) fault = Fault::Untrusted;
      co_return cannot(
          provider_, "TLS",
          wire->tls()->fault().empty() ? "the connection was closed" : wire->tls()->fault());
    }
  }
  co_return Result<Wire::Ptr>(std::move(wire));
}

}  // namespace vdm::proxy
