#include "proxy-service/worker/own_keys_of.h"

#include <gtest/gtest.h>

namespace vdm::proxy::own_keys_of_test {
namespace {

TEST(OwnKeysOf, AreAllThatAClientMustNotRead) {
  Config config;
  config.access.proxy_api_key = Secret("gateway-key-1");
  Provider one;
  one.name = "one";
  one.keys = {Secret("provider-key-1"), Secret("provider-key-2")};
  one.custom_headers = {{"X-Team", "a-blue-team"},
                        {"X-Tenant-Token", "Bearer tenant-1234"},
                        {"anthropic-beta", "some-beta-2026"}};
  Provider two;
  two.name = "two";
  two.keys = {Secret("provider-key-3")};
  config.providers = {one, two};
  std::string text =
      "gateway-key-1 provider-key-1 provider-key-2 provider-key-3 Bearer tenant-1234 a-blue-team "
      "some-beta-2026";

  own_keys_of(config).blot_out(text);

  EXPECT_EQ(text,
            "************* ************** ************** ************** Bearer *********** "
            "a-blue-team some-beta-2026");
}

}  // namespace
}  // namespace vdm::proxy::own_keys_of_test
