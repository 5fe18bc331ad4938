#include "proxy-service/worker/authenticator.h"

#include <gtest/gtest.h>

#include <string>

namespace vdm::proxy::authenticator_test {
namespace {

constexpr std::string_view Ours = "the-gateway-key";

Authenticator gate_with(std::string_view key) {
  Config config;
  config.access.proxy_api_key = Secret(std::string(key));
  return Authenticator(config);
}

AuthResult authenticate(std::string_view key, ClientKeys shown) {
  CredentialCache remembered;
  return gate_with(key).admit(shown, remembered, SystemTime());
}

TEST(Authenticator, LetsNobodyInWithoutItsKey) {
  EXPECT_FALSE(authenticate(Ours, {}).admitted);
  EXPECT_FALSE(authenticate(Ours, {.api_key = "guess"}).admitted);
  EXPECT_FALSE(authenticate(Ours, {.gateway = "guess"}).admitted);
  EXPECT_FALSE(
      authenticate(Ours, {.api_key = "guess", .bearer = "another", .gateway = "third"}).admitted);
}

TEST(Authenticator, TakesItsKeyInEachPlace) {
  EXPECT_TRUE(authenticate(Ours, {.api_key = Ours}).admitted);
  EXPECT_TRUE(authenticate(Ours, {.api_key = "theirs", .bearer = Ours}).admitted);
  EXPECT_TRUE(authenticate(Ours, {.bearer = "theirs", .gateway = Ours}).admitted);
}

TEST(Authenticator, TakesEachOtherKeyForTheClientsOwnWhereItStands) {
  const auto by_key = authenticate(Ours, {.api_key = Ours, .bearer = "theirs"}).own;
  EXPECT_EQ(by_key.bearer, "theirs");
  EXPECT_EQ(by_key.api_key, "");
  const auto by_bearer = authenticate(Ours, {.api_key = "theirs", .bearer = Ours}).own;
  EXPECT_EQ(by_bearer.api_key, "theirs");
  EXPECT_EQ(by_bearer.bearer, "");
  const auto by_field = authenticate(Ours, {.api_key = "a", .bearer = "b", .gateway = Ours}).own;
  EXPECT_EQ(by_field.api_key, "a");
  EXPECT_EQ(by_field.bearer, "b");
}

TEST(Authenticator, NeverTakesItsOwnKeyForTheClients) {
  for (const ClientKeys& shown :
       {ClientKeys{.api_key = Ours}, ClientKeys{.api_key = Ours, .bearer = Ours},
        ClientKeys{.api_key = Ours, .bearer = Ours, .gateway = Ours},
        ClientKeys{.bearer = Ours, .gateway = Ours}, ClientKeys{.gateway = Ours}}) {
    const AuthResult result = authenticate(Ours, shown);

    EXPECT_TRUE(result.admitted);
    EXPECT_EQ(result.own.api_key, "");
    EXPECT_EQ(result.own.bearer, "");
  }
}

TEST(Authenticator, LetsWhoeverComesInWithoutAKeySet) {
  EXPECT_TRUE(authenticate("", {}).admitted);
  const auto own = authenticate("", {.api_key = "a", .bearer = "b", .gateway = "c"}).own;
  EXPECT_EQ(own.api_key, "a");
  EXPECT_EQ(own.bearer, "b");
  EXPECT_EQ(own.gateway, "");
}

TEST(Authenticator, RemembersTheKeyThatOpenedIt) {
  CredentialCache by_first;
  CredentialCache by_second;
  const Authenticator authenticator = gate_with(Ours);

  authenticator.admit({.api_key = Ours, .bearer = "theirs"}, by_first, SystemTime());
  authenticator.admit({.api_key = "theirs", .bearer = Ours}, by_second, SystemTime());

  EXPECT_EQ(by_first.label(), hex_prefix(sha256(Ours), 12));
  EXPECT_EQ(by_second.label(), by_first.label());
}

}  // namespace
}  // namespace vdm::proxy::authenticator_test
