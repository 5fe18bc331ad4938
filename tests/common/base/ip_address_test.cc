#include "common/base/ip_address.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace vdm::ip_address_test {
namespace {

using namespace std::string_view_literals;

std::string read(std::string_view text) {
  const auto address = parse_ip_address(text);
  return address ? text_of(*address) : "none";
}

std::string read_endpoint(std::string_view text) {
  const auto address = parse_ip_endpoint(text);
  return address ? text_of(*address) : "none";
}

TEST(IpAddress, HasOneFormForEachAddress) {
  EXPECT_EQ(read("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(read("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(read("2001:DB8:0:0::1"), "2001:db8::1");
  EXPECT_EQ(read("::1"), "::1");
  EXPECT_EQ(parse_ip_address("::ffff:c000:201"), parse_ip_address("192.0.2.1"));
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
  for (const std::string_view text :
       {""sv, "192.0.2"sv, "192.0.2.256"sv, "192.0.2.1 "sv, " 192.0.2.1"sv, "192.0.2.1\0"sv,
        "192.0.2.1\0.evil"sv, "::1\0"sv, "fe80::1%eth0"sv, "[::1]"sv, "192.0.2.1:80"sv,
        "localhost"sv, "unknown"sv, "1::2::3"sv, "0x7f.0.0.1"sv, "2130706433"sv, "\xff"sv}) {
    EXPECT_EQ(read(text), "none") << text;
  }
  EXPECT_EQ(read(std::string(10'000, '1')), "none");
}

TEST(IpAddress, IsReadWithAPortToo) {
  EXPECT_EQ(read_endpoint("192.0.2.1:443"), "192.0.2.1");
  EXPECT_EQ(read_endpoint("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(read_endpoint("[2001:db8::1]:443"), "2001:db8::1");
  EXPECT_EQ(read_endpoint("[2001:db8::1]"), "2001:db8::1");
  EXPECT_EQ(read_endpoint("2001:db8::1"), "2001:db8::1");
  for (const std::string_view text :
       {"192.0.2.1:"sv, "192.0.2.1:x"sv, "192.0.2.1:1234567"sv, "[::1"sv, "[::1]x"sv, "[::1]:"sv,
        "[]:1"sv, ":80"sv, "host:80"sv, "192.0.2.1\0:80"sv}) {
    EXPECT_EQ(read_endpoint(text), "none") << text;
  }
}

TEST(IpAddress, CountsAsItsNetwork) {
  const auto network = [](std::string_view text) {
    return text_of(parse_ip_address(text)->network());
  };
  EXPECT_EQ(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
  EXPECT_EQ(network("192.0.2.1"), "192.0.2.1") << "one of IPv4 is one client's";
}

bool holds(std::string_view range, std::string_view address) {
  return parse_ip_range(range)->contains(*parse_ip_address(address));
}

TEST(IpAddress, IsOfThisMachineOrNot) {
  for (const std::string_view text :
       {"127.0.0.1"sv, "127.9.9.9"sv, "::1"sv, "::ffff:127.0.0.1"sv}) {
    EXPECT_TRUE(parse_ip_address(text)->is_loopback()) << text;
  }
  for (const std::string_view text : {"128.0.0.1"sv, "10.127.0.1"sv, "::2"sv, "::127.0.0.1"sv}) {
    EXPECT_FALSE(parse_ip_address(text)->is_loopback()) << text;
  }
  EXPECT_FALSE(IpAddress().is_loopback()) << "not known";
}

TEST(IpRange, HoldsWhatBeginsWithItsBits) {
  EXPECT_TRUE(holds("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(holds("172.16.0.0/12", "172.31.255.255"));
  EXPECT_FALSE(holds("172.16.0.0/12", "172.32.0.0"));
  EXPECT_TRUE(holds("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(holds("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(holds("192.0.2.6/31", "192.0.2.7"));
  EXPECT_TRUE(holds("10.1.2.3/8", "10.0.0.1")) << "what stands behind the bits does not count";
  EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(holds("::1/128", "::1"));
  EXPECT_TRUE(holds("10.0.0.0/8", "::ffff:10.0.0.1")) << "the same address by IPv6";
  EXPECT_FALSE(holds("10.0.0.0/8", "a00::1"));
}

TEST(IpRange, IsNotOfEverybodyAndNotOfNothing) {
  for (const std::string_view text :
       {""sv, "/8"sv, "10.0.0.0/"sv, "10.0.0.0/0"sv, "0.0.0.0/0"sv, "::/0"sv, "::"sv,
        "10.0.0.0/33"sv, "::1/129"sv, "10.0.0.0/-1"sv, "10.0.0.0/8x"sv, "10.0.0.0 /8"sv,
        "10.0.0.0/8/8"sv, "10.0.0.0\0/8"sv, "edge"sv}) {
    EXPECT_FALSE(parse_ip_range(text)) << text;
  }
}

}  // namespace
}  // namespace vdm::ip_address_test
