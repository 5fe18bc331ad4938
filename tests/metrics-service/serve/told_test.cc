#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "tests/metrics-service/serve/served_api.h"

// Who is told what of the service's state.

namespace vdm::metrics::told_test {
namespace {

constexpr std::string_view Right = "x-api-key: right-key\r\n";
constexpr std::string_view Elsewhere = "X-Forwarded-For: 192.0.2.1\r\n";

ServedApi::Options with_key(std::string_view key) {
  ServedApi::Options options;
  if (!key.empty()) options.keys.keys = one_key(key);
  options.keys.trusted_proxies = TrustedProxies({"127.0.0.1"});
  return options;
}

boost::json::object told(ServedApi& served, std::string_view path, std::string_view more) {
  return boost::json::parse(std::string(served.get(path, more).body())).as_object();
}

void degrade(ServedApi& served) {
  served.owner([&] { served.tracker().set_degraded({"the disk is full"}); });
}

TEST(Told, IsThatItLivesAndToWhoShowsTheKeyTheRest) {
  ServedApi served(with_key("right-key"));
  degrade(served);

  for (const std::string_view more : {"", "x-api-key: guess\r\n"}) {
    EXPECT_EQ(served.get("/health", more).body(), R"({"status":"ok","service":"vdm-metrics"})");
    EXPECT_EQ(served.get("/health/ready", more).body(), R"({"status":"degraded"})");
    EXPECT_EQ(told(served, "/session", more).at("version").as_string(), "");
  }
  EXPECT_TRUE(told(served, "/health", Right).contains("commit"));
  EXPECT_EQ(told(served, "/health", Right).at("degraded").as_array().size(), 1u);
  EXPECT_EQ(told(served, "/health/ready", Right).at("degraded").as_array().size(), 1u);
  EXPECT_NE(told(served, "/session", Right).at("version").as_string(), "");
}

TEST(Told, IsAllOnThisMachineWhereNoKeyIsSet) {
  ServedApi served(with_key(""));
  degrade(served);

  EXPECT_TRUE(told(served, "/health", "").contains("degraded"));
  EXPECT_TRUE(told(served, "/health/ready", "").contains("degraded"));
  EXPECT_FALSE(told(served, "/health", Elsewhere).contains("degraded"));
  EXPECT_FALSE(told(served, "/health/ready", Elsewhere).contains("degraded"));
}

}  // namespace
}  // namespace vdm::metrics::told_test
