#include "proxy-service/serve/gate.h"

#include <gtest/gtest.h>

#include <string>

namespace vdm::proxy {
namespace {

constexpr std::string_view Ours = "the-gateway-key";

Gate gate_with(std::string_view key) {
  Config config;
  config.access.proxy_api_key = Secret(std::string(key));
  return Gate(config);
}

Admission admission(std::string_view key, ClientKeys shown) {
  ShownKey remembered;
  return gate_with(key).admit(shown, remembered);
}

TEST(Gate, LetsNobodyInWithoutItsKey) {
  EXPECT_FALSE(admission(Ours, {}).admitted);
  EXPECT_FALSE(admission(Ours, {.first = "guess", .second = {}}).admitted);
  EXPECT_FALSE(admission(Ours, {.first = "guess", .second = "another"}).admitted);
}

TEST(Gate, TakesItsKeyInEitherPlace) {
  EXPECT_TRUE(admission(Ours, {.first = Ours, .second = {}}).admitted);
  EXPECT_TRUE(admission(Ours, {.first = "theirs", .second = Ours}).admitted);
}

TEST(Gate, TakesTheOtherKeyForTheClientsOwn) {
  EXPECT_EQ(admission(Ours, {.first = Ours, .second = "theirs"}).own, "theirs");
  EXPECT_EQ(admission(Ours, {.first = "theirs", .second = Ours}).own, "theirs");
}

TEST(Gate, NeverTakesItsOwnKeyForTheClients) {
  EXPECT_EQ(admission(Ours, {.first = Ours, .second = {}}).own, "");
  EXPECT_EQ(admission(Ours, {.first = Ours, .second = Ours}).own, "");
}

TEST(Gate, LetsWhoeverComesInWithoutAKeySet) {
  EXPECT_TRUE(admission("", {}).admitted);
  EXPECT_EQ(admission("", {.first = "theirs", .second = {}}).own, "theirs");
}

TEST(Gate, RemembersTheKeyThatOpenedIt) {
  ShownKey by_first;
  ShownKey by_second;
  const Gate gate = gate_with(Ours);

  gate.admit({.first = Ours, .second = "theirs"}, by_first);
  gate.admit({.first = "theirs", .second = Ours}, by_second);

  EXPECT_EQ(by_first.label(), hex_prefix(sha256(Ours), 12));
  EXPECT_EQ(by_second.label(), by_first.label());
}

}  // namespace
}  // namespace vdm::proxy
