#include "common/base/host_port.h"

#include <gtest/gtest.h>

namespace vdm::host_port_test {
namespace {

TEST(ParseHostPort, TakesNamesAndBracketedAddresses) {
  EXPECT_EQ(parse_host_port("K", "metrics:50051")->host, "metrics");
  EXPECT_EQ(parse_host_port("K", "[::1]:50051")->host, "::1");
  EXPECT_EQ(parse_host_port("K", "[::1]:50051")->port, 50051);
  EXPECT_FALSE(parse_host_port("K", "::1:50051"));
  EXPECT_FALSE(parse_host_port("K", "metrics"));
  EXPECT_FALSE(parse_host_port("K", ":50051"));
}

TEST(IsLoopbackHost, TakesNoNameThatOnlyBeginsLikeAnAddress) {
  for (const char* host : {"localhost", "::1", "127.0.0.1", "127.9.9.9"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const char* host : {"0.0.0.0", "127.example.com", "localhost.example.com", "", "::"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

TEST(Authority, IsWhatParseHostPortReads) {
  for (const char* text : {"metrics:50051", "127.0.0.1:1", "[::1]:65535"}) {
    EXPECT_EQ(authority(*parse_host_port("K", text)), text);
  }
}

TEST(UrlHost, PutsBracketsAroundAnIpv6AddressOnly) {
  EXPECT_EQ(url_host("::1"), "[::1]");
  EXPECT_EQ(url_host("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(url_host("metrics"), "metrics");
}

TEST(CallableHost, IsLoopbackOfTheSameFamilyForAWildcard) {
  EXPECT_EQ(callable_host("0.0.0.0"), "127.0.0.1");
  EXPECT_EQ(callable_host("::"), "::1");
  EXPECT_EQ(callable_host("10.0.0.7"), "10.0.0.7");
}

}  // namespace
}  // namespace vdm::host_port_test
