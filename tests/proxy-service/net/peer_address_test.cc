#include "proxy-service/net/peer_address.h"

#include <cstring>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy-service/net/descriptor.h"

namespace vdm::proxy::peer_address_test {
namespace {

/// A connection over loopback, as the side that accepted it sees it.
struct Accepted {
  Descriptor listener;
  Descriptor client;
  Descriptor server;
};

template <class Address>
Accepted accepted(int family, const Address& listen_at, const Address* from = nullptr) {
  Accepted all{Descriptor(::socket(family, SOCK_STREAM, 0)),
               Descriptor(::socket(family, SOCK_STREAM, 0)),
               {}};
  Address bound = listen_at;
  socklen_t size = sizeof bound;
  const auto* at = reinterpret_cast<const sockaddr*>(&listen_at);
  if (::bind(all.listener.get(), at, sizeof listen_at) != 0) return all;
  EXPECT_EQ(::listen(all.listener.get(), 1), 0);
  ::getsockname(all.listener.get(), reinterpret_cast<sockaddr*>(&bound), &size);
  if (from != nullptr) {
    EXPECT_EQ(::bind(all.client.get(), reinterpret_cast<const sockaddr*>(from), sizeof *from), 0);
  }
  EXPECT_EQ(::connect(all.client.get(), reinterpret_cast<const sockaddr*>(&bound), size), 0);
  all.server = Descriptor(::accept(all.listener.get(), nullptr, nullptr));
  return all;
}

sockaddr_in ipv4(const char* text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, text, &address.sin_addr);
  return address;
}

TEST(PeerAddress, TellsIpv4AddressesApartAndNotTheirPorts) {
  const sockaddr_in here = ipv4("127.0.0.1");
  const sockaddr_in elsewhere = ipv4("127.0.0.2");
  const Accepted one = accepted(AF_INET, here);
  const Accepted two = accepted(AF_INET, here);
  const Accepted other = accepted(AF_INET, here, &elsewhere);

  const IpAddress address = peer_address(one.server.get());

  EXPECT_EQ(text_of(address), "127.0.0.1");
  EXPECT_EQ(peer_address(two.server.get()), address);
  EXPECT_EQ(text_of(peer_address(other.server.get())), "127.0.0.2");
}

TEST(PeerAddress, ReadsAnIpv6Address) {
  sockaddr_in6 here{};
  here.sin6_family = AF_INET6;
  here.sin6_addr = in6addr_loopback;
  const Accepted one = accepted(AF_INET6, here);
  if (!one.server.is_open()) GTEST_SKIP() << "this machine has no IPv6";

  EXPECT_EQ(text_of(peer_address(one.server.get())), "::1");
}

TEST(PeerAddress, IsNotKnownWhenThereIsNoPeer) {
  const Descriptor alone(::socket(AF_INET, SOCK_STREAM, 0));

  EXPECT_FALSE(peer_address(alone.get()).known());
}

}  // namespace
}  // namespace vdm::proxy::peer_address_test
