#include "common/base/host_port.h"

#include <algorithm>
#include <cctype>

#include "common/base/env.h"

namespace vdm {

std::string url_host(std::string_view host) {
  if (host.find(':') == std::string_view::npos) return std::string(host);
  return "[" + std::string(host) + "]";
}

std::string authority(const HostPort& at) {
  return url_host(at.host) + ":" + std::to_string(at.port);
}

Result<HostPort> parse_host_port(std::string_view key, std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return expected(key, "host:port", text);
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || (!bracketed && host.find(':') != std::string_view::npos)) {
    return expected(key, "host:port", text);
  }
  const auto port = parse_port(key, text.substr(colon + 1));
  if (!port) return expected(key, "host:port", text);
  return HostPort{std::string(host), *port};
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  return host.starts_with("127.") && std::ranges::all_of(host, [](unsigned char c) {
           return std::isdigit(c) != 0 || c == '.';
         });
}

bool is_wildcard_host(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

std::string callable_host(std::string_view host) {
  if (!is_wildcard_host(host)) return std::string(host);
  return host == "::" ? "::1" : "127.0.0.1";
}

}  // namespace vdm
