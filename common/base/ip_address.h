#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace vdm {

/// An IP address; IPv4 is mapped into IPv6, so that one address has one form. All zeros: not known.
/// Pure. Thread: any.
struct IpAddress {
  std::array<unsigned char, 16> bytes{};

  bool known() const { return *this != IpAddress{}; }
  bool is_v4() const;
  /// 127.0.0.0/8, ::1.
  bool is_loopback() const;
  /// As far as it tells clients apart: an IPv4 address itself, of an IPv6 address its 64-bit
  /// network, since one client usually has all of that.
  IpAddress network() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

/// "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1". Nothing for another text: one with a zone, a
/// port, blanks or a NUL.
std::optional<IpAddress> parse_ip_address(std::string_view text);
/// The same with or without a port: "192.0.2.1:443", "[2001:db8::1]:443", "[2001:db8::1]".
std::optional<IpAddress> parse_ip_endpoint(std::string_view text);
/// As parse_ip_address() reads it; IPv4 with dots.
std::string text_of(const IpAddress& address);

/// All addresses that begin with the same bits.
struct IpRange {
  IpAddress first;
  int bits = 128;  ///< of the mapped form: 96 more than IPv4 writes

  bool contains(const IpAddress& address) const;
};

/// "10.0.0.0/8", "2001:db8::/32", or one address. Nothing for another text, and for a range of
/// all addresses, which tells nobody apart.
std::optional<IpRange> parse_ip_range(std::string_view text);

}  // namespace vdm
