#include "proxy-service/worker/authenticator.h"

#include <gtest/gtest.h>

#include <string>

namespace vdm::proxy {
namespace {

constexpr std::string_view Ours = "the-gateway-key";

Authenticator gate_with(std::string_view key) {
  Config config;
  config.access.proxy_api_key = Secret(std::string(key));
  return Authenticator(config);
}

AuthResult authenticate(std::string_view key, ClientKeys shown) {
  CredentialCache remembered;
  return gate_with(key).admit(shown, remembered);
}

TEST(Authenticator, LetsNobodyInWithoutItsKey) {
  EXPECT_FALSE(authenticate(Ours, {}).admitted);
  EXPECT_FALSE(authenticate(Ours, {.first = "guess", .second = {}}).admitted);
  EXPECT_FALSE(authenticate(Ours, {.first = "guess", .second = "another"}).admitted);
}

TEST(Authenticator, TakesItsKeyInEitherPlace) {
  EXPECT_TRUE(authenticate(Ours, {.first = Ours, .second = {}}).admitted);
  EXPECT_TRUE(authenticate(Ours, {.first = "theirs", .second = Ours}).admitted);
}

TEST(Authenticator, TakesTheOtherKeyForTheClientsOwn) {
  EXPECT_EQ(authenticate(Ours, {.first = Ours, .second = "theirs"}).own, "theirs");
  EXPECT_EQ(authenticate(Ours, {.first = "theirs", .second = Ours}).own, "theirs");
}

TEST(Authenticator, NeverTakesItsOwnKeyForTheClients) {
  EXPECT_EQ(authenticate(Ours, {.first = Ours, .second = {}}).own, "");
  EXPECT_EQ(authenticate(Ours, {.first = Ours, .second = Ours}).own, "");
}

TEST(Authenticator, LetsWhoeverComesInWithoutAKeySet) {
  EXPECT_TRUE(authenticate("", {}).admitted);
  EXPECT_EQ(authenticate("", {.first = "theirs", .second = {}}).own, "theirs");
}

TEST(Authenticator, RemembersTheKeyThatOpenedIt) {
  CredentialCache by_first;
  CredentialCache by_second;
  const Authenticator authenticator = gate_with(Ours);

  authenticator.admit({.first = Ours, .second = "theirs"}, by_first);
  authenticator.admit({.first = "theirs", .second = Ours}, by_second);

  EXPECT_EQ(by_first.label(), hex_prefix(sha256(Ours), 12));
  EXPECT_EQ(by_second.label(), by_first.label());
}

}  // namespace
}  // namespace vdm::proxy
