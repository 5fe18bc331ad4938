#include "common/base/peer_connections.h"

#include <gtest/gtest.h>

namespace vdm::peer_connections_test {
namespace {

constexpr IpAddress One{.bytes = {1}};
constexpr IpAddress Other{.bytes = {2}};

TEST(PeerConnections, GivesEachPeerSoMany) {
  PeerConnections connections;

  EXPECT_TRUE(connections.take(One, 2));
  EXPECT_TRUE(connections.take(One, 2));
  EXPECT_FALSE(connections.take(One, 2));
  EXPECT_TRUE(connections.take(Other, 2));
}

TEST(PeerConnections, TakesTheAddressesOfAnIpv6NetworkForOne) {
  PeerConnections connections;
  IpAddress neighbour = One;
  neighbour.bytes[15] = 9;

  EXPECT_TRUE(connections.take(One, 1));
  EXPECT_FALSE(connections.take(neighbour, 1));
  connections.give_back(neighbour);
  EXPECT_TRUE(connections.take(One, 1));
}

TEST(PeerConnections, GivesOneAgainThatWasGivenBack) {
  PeerConnections connections;
  EXPECT_TRUE(connections.take(One, 1));
  EXPECT_FALSE(connections.take(One, 1));

  connections.give_back(One);

  EXPECT_TRUE(connections.take(One, 1));
}

TEST(PeerConnections, ForgetsAPeerThatHoldsNone) {
  PeerConnections connections;
  EXPECT_TRUE(connections.take(One, 1));
  EXPECT_TRUE(connections.take(Other, 1));

  connections.give_back(One);

  EXPECT_EQ(connections.peers(), 1u);
}

}  // namespace
}  // namespace vdm::peer_connections_test
