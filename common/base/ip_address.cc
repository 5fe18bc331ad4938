#include "common/base/ip_address.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace vdm {
namespace {

constexpr std::size_t MappedBytes = 12;
constexpr int MappedBits = 96;
constexpr std::size_t NetworkBytes = 8;

/// inet_pton() ends at a NUL and would take what stands before it.
bool is_of_address(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' ||
         c == ':';
}

std::optional<int> parse_bits(std::string_view text, int most) {
  int bits = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool whole = fault == std::errc{} && end == text.data() + text.size();
  if (!whole || bits < 1 || bits > most) return std::nullopt;
  return bits;
}

}  // namespace

bool IpAddress::is_v4() const {
  return std::ranges::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

bool IpAddress::is_loopback() const {
  static constexpr IpAddress Ipv6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  return *this == Ipv6 || (is_v4() && bytes[MappedBytes] == 127);
}

IpAddress IpAddress::network() const {
  IpAddress network = *this;
  if (!is_v4()) std::fill(network.bytes.begin() + NetworkBytes, network.bytes.end(), 0);
  return network;
}

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  if (!std::ranges::all_of(text, is_of_address)) return std::nullopt;
  const std::string ended(text);
  IpAddress address;
  if (text.find(':') != std::string_view::npos) {
    if (::inet_pton(AF_INET6, ended.c_str(), address.bytes.data()) != 1) return std::nullopt;
    return address;
  }
  address.bytes[10] = address.bytes[11] = 0xff;
  if (::inet_pton(AF_INET, ended.c_str(), address.bytes.data() + MappedBytes) != 1) {
    return std::nullopt;
  }
  return address;
}

std::optional<IpAddress> parse_ip_endpoint(std::string_view text) {
  std::string_view port = "0";
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    if (end + 1 < text.size()) {
      if (text[end + 1] != ':') return std::nullopt;
      port = text.substr(end + 2);
    }
    text = text.substr(1, end - 1);
  } else if (std::ranges::count(text, ':') == 1) {
    const std::size_t colon = text.find(':');
    port = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (port.empty() || port.size() > 5 || !std::ranges::all_of(port, is_digit)) return std::nullopt;
  return parse_ip_address(text);
}

std::string text_of(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.is_v4()) {
    ::inet_ntop(AF_INET, address.bytes.data() + MappedBytes, text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
  }
  return text.data();
}

bool IpRange::contains(const IpAddress& address) const {
  const auto whole = static_cast<std::size_t>(bits / 8);
  const auto& a = first.bytes;
  const auto& b = address.bytes;
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) {
    return false;
  }
  const int rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

std::optional<IpRange> parse_ip_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto first = parse_ip_address(text.substr(0, slash));
  if (!first || !first->known()) return std::nullopt;
  if (slash == std::string_view::npos) return IpRange{*first};
  const bool dotted = text.substr(0, slash).find(':') == std::string_view::npos;
  const auto bits = parse_bits(text.substr(slash + 1), dotted ? 32 : 128);
  if (!bits) return std::nullopt;
  return IpRange{*first, dotted ? *bits + MappedBits : *bits};
}

}  // namespace vdm
