#include "metrics-service/serve/access/login_throttle.h"

#include <algorithm>
#include <string>

#include <boost/asio/ip/address.hpp>

namespace vdm::metrics {
namespace {

using namespace std::chrono_literals;

/// A full table is searched for outdated addresses at most this often, not for each wrong key.
constexpr auto LookThroughEvery = 1s;

/// The address without its port, and an IPv6 address also without its brackets.
std::string_view without_port(std::string_view peer) {
  peer = peer.substr(0, peer.rfind(':'));
  if (peer.starts_with('[') && peer.ends_with(']')) peer = peer.substr(1, peer.size() - 2);
  return peer;
}

}  // namespace

LoginThrottle::Address LoginThrottle::address_of(std::string_view peer) {
  namespace ip = boost::asio::ip;
  boost::system::error_code fault;
  const auto parsed = ip::make_address(std::string(without_port(peer)), fault);
  Address address{};
  if (fault) {
    address.fill(0xff);  // all peers without a readable address share one count
  } else if (parsed.is_v4()) {
    address = ip::make_address_v6(ip::v4_mapped, parsed.to_v4()).to_bytes();
  } else {
    address = parsed.to_v6().to_bytes();
    if (!parsed.to_v6().is_v4_mapped()) std::fill(address.begin() + 8, address.end(), 0);
  }
  return address;
}

bool LoginThrottle::too_many(const Times& failures) const {
  const MonotonicTime since = clock_.monotonic() - Window;
  const auto recent = std::ranges::count_if(failures, [&](auto at) { return at > since; });
  return static_cast<std::size_t>(recent) >= options_.failures_max;
}

bool LoginThrottle::too_many(std::string_view peer) const {
  if (const auto own = by_address_.find(address_of(peer)); own != by_address_.end()) {
    return too_many(own->second);
  }
  return by_address_.size() >= options_.addresses_max && too_many(of_all_others_);
}

void LoginThrottle::add(Times& failures) const {
  if (failures.size() >= options_.failures_max) failures.erase(failures.begin());
  failures.push_back(clock_.monotonic());
}

void LoginThrottle::add(std::string_view peer) {
  const Address address = address_of(peer);
  auto own = by_address_.find(address);
  if (own == by_address_.end()) {
    if (by_address_.size() >= options_.addresses_max) forget_outdated();
    if (by_address_.size() >= options_.addresses_max) return add(of_all_others_);
    own = by_address_.try_emplace(address).first;
  }
  add(own->second);
}

void LoginThrottle::forget_outdated() {
  const MonotonicTime now = clock_.monotonic();
  if (now < looked_through_ + LookThroughEvery) return;
  looked_through_ = now;
  std::erase_if(by_address_,
                [&](const auto& entry) { return entry.second.back() <= now - Window; });
}

}  // namespace vdm::metrics
