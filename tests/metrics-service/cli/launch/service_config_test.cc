#include "metrics-service/cli/launch/service_config.h"

#include <gtest/gtest.h>

namespace vdm::cli::service_config_test {
namespace {

TEST(ServiceConfig, ReadsWhatAServiceShows) {
  const auto settings =
      parse_settings("HOST\t::\tfile, proxy.host\nno setting\nPORT\t9\tdefault\n");

  const std::vector<Setting> expected{{"HOST", "::", "file, proxy.host"}, {"PORT", "9", "default"}};
  EXPECT_EQ(settings, expected);
}

TEST(ServiceConfig, CallsAServiceThatListensEverywhereByLoopback) {
  const ServiceConfig config{.settings = parse_settings("HOST\t0.0.0.0\tx\nPORT\t9\tx\n"),
                             .errors = {}};

  const auto at = config.address("HOST", "PORT");

  ASSERT_TRUE(at);
  EXPECT_EQ(at->host, "127.0.0.1");
  EXPECT_EQ(at->port, 9);
}

TEST(ServiceConfig, HasNoAddressWhereThePortIsNone) {
  const ServiceConfig config{.settings = parse_settings("HOST\tx\tx\nPORT\t80x\tx\n"),
                             .errors = {}};

  EXPECT_FALSE(config.address("HOST", "PORT"));
  EXPECT_FALSE(ServiceConfig{}.address("HOST", "PORT"));
}

TEST(ServiceConfig, HasAnIngestTokenWhenTheUserSaidAnythingOfOne) {
  const auto has_token = [](std::string_view shown) {
    return ServiceConfig{.settings = parse_settings(shown), .errors = {}}.has_ingest_token();
  };

  EXPECT_FALSE(
      has_token("VDM_INGEST_TOKEN\tunset\tdefault\n"
                "VDM_INGEST_TOKEN_FILE\tunset\tdefault\n"
                "VDM_INGEST_ADDRESS\t127.0.0.1:1\tenvironment\n"));
  EXPECT_TRUE(has_token("VDM_INGEST_TOKEN\tset\tenvironment\n"));
  EXPECT_TRUE(has_token("VDM_INGEST_TOKEN_FILE\tnone\tfile, metrics.ingest-token-file\n"));
}

}  // namespace
}  // namespace vdm::cli::service_config_test
