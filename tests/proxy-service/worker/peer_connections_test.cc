#include "proxy-service/worker/peer_connections.h"

#include <gtest/gtest.h>

namespace vdm::proxy::peer_connections_test {
namespace {

constexpr PeerNetwork One{1};
constexpr PeerNetwork Other{2};

TEST(PeerConnections, GivesEachPeerSoMany) {
  PeerConnections connections;

  EXPECT_TRUE(connections.take(One, 2));
  EXPECT_TRUE(connections.take(One, 2));
  EXPECT_FALSE(connections.take(One, 2));
  EXPECT_TRUE(connections.take(Other, 2));
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
}  // namespace vdm::proxy::peer_connections_test
