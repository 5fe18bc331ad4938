#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace vdm {

struct HostPort {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
};

/// The host as a URL and a `Host` header write it: with brackets when it is an IPv6 address.
std::string url_host(std::string_view host);
/// Host and port in the form that parse_host_port() reads.
std::string authority(const HostPort& at);
/// "127.0.0.1:50051", "[::1]:50051", "metrics:50051". The error names `key` and the text.
Result<HostPort> parse_host_port(std::string_view key, std::string_view text);

/// localhost, 127.0.0.0/8, ::1.
bool is_loopback_host(std::string_view host);
/// 0.0.0.0 and ::, on which a service listens but which nobody can call.
bool is_wildcard_host(std::string_view host);
/// Where a program of this machine calls a service that listens on `host`: at loopback when the
/// service listens on all addresses.
std::string callable_host(std::string_view host);

}  // namespace vdm
