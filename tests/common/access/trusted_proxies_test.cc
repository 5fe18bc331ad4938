#include "common/access/trusted_proxies.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vdm::trusted_proxies_test {
namespace {

using namespace std::string_view_literals;

const TrustedProxies Edge({"10.0.0.0/8", "2001:db8:e::/48"});

std::string client(std::string_view peer, const std::vector<std::string_view>& forwarded) {
  return text_of(Edge.client_of(*parse_ip_address(peer), forwarded));
}

TEST(TrustedProxies, NameTheClientLast) {
  EXPECT_EQ(client("10.0.0.1", {"192.0.2.9"}), "192.0.2.9");
  EXPECT_EQ(client("10.0.0.1", {"203.0.113.1, 192.0.2.9"}), "192.0.2.9")
      << "what stands before is the client's word";
  EXPECT_EQ(client("10.0.0.1", {"192.0.2.9, 10.0.0.2"}), "192.0.2.9") << "two proxies in a row";
  EXPECT_EQ(client("2001:db8:e::1", {"192.0.2.9,10.0.0.2 ,\t2001:db8:e::2"}), "192.0.2.9");
  EXPECT_EQ(client("10.0.0.1", {"203.0.113.1", "192.0.2.9"}), "192.0.2.9") << "in two fields";
  EXPECT_EQ(client("10.0.0.1", {"192.0.2.9", "10.0.0.2"}), "192.0.2.9");
  EXPECT_EQ(client("10.0.0.1", {"[2001:db8::5]:443"}), "2001:db8::5");
}

TEST(TrustedProxies, AreNotWhoeverSendsTheField) {
  EXPECT_EQ(client("192.0.2.1", {"203.0.113.1"}), "192.0.2.1");
  EXPECT_EQ(client("192.0.2.1", {"203.0.113.1, 10.0.0.1"}), "192.0.2.1");
  EXPECT_EQ(text_of(TrustedProxies().client_of(*parse_ip_address("10.0.0.1"), {})), "10.0.0.1");
}

TEST(TrustedProxies, AreAskedThemselvesWhereTheyNameNobody) {
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.7"}), "10.0.0.7") << "a client among the proxies";
  for (const std::string_view garbage :
       {""sv, "unknown"sv, "_hidden"sv, "192.0.2.9\0"sv, ","sv, "192.0.2.9, "sv, "192.0.2.9 x"sv}) {
    EXPECT_EQ(client("10.0.0.1", {garbage}), "10.0.0.1") << garbage;
    EXPECT_EQ(client("10.0.0.1", {garbage, "10.0.0.2"}), "10.0.0.2") << "who wrote it";
  }
}

}  // namespace
}  // namespace vdm::trusted_proxies_test
