#include "common/http1/request_head.h"

#include <algorithm>
#include <cassert>

namespace vdm::http1 {
namespace {

constexpr std::size_t HostMax = 255 + 6;

// No URL has a backslash, and who meets one may take it for a slash.
bool is_target(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > 0x20 && c < 0x7f && c != '#' && c != '\\'; });
}

bool is_alphanumeric(char c) {
  return bytes::is_digit(c) || (bytes::lower(c) >= 'a' && bytes::lower(c) <= 'z');
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  unsigned port = 0;
  for (const char c : text) {
    if (!bytes::is_digit(c)) return false;
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  return port <= 65535;
}

// The size without the port: up to the colon, or through the closing bracket.
std::size_t name_size(std::string_view host) {
  if (!host.empty() && host.front() == '[') {
    const std::size_t bracket = host.find(']');
    return bracket == std::string_view::npos ? host.size() : bracket + 1;
  }
  return std::min(host.find(':'), host.size());
}

// host[:port]: a name, an IPv4 address, or an IPv6 address in brackets.
bool is_host(std::string_view host) {
  if (host.empty() || host.size() > HostMax) return false;
  const std::string_view name = host.substr(0, name_size(host));
  const std::string_view rest = host.substr(name.size());
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return false;
  if (name.empty()) return false;
  if (name.front() == '[') {
    const auto is_ipv6 = [](char c) {
      const char l = bytes::lower(c);
      return bytes::is_digit(c) || (l >= 'a' && l <= 'f') || c == ':' || c == '.';
    };
    return name.size() >= 4 && name.back() == ']' &&
           std::all_of(name.begin() + 1, name.end() - 1, is_ipv6);
  }
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

std::optional<Method> method_of(std::string_view text) {
  for (const Method method : {Method::Post, Method::Get, Method::Head, Method::Put, Method::Patch,
                              Method::Delete, Method::Options}) {
    if (text == text_of(method)) return method;
  }
  return std::nullopt;
}

}  // namespace

std::string_view text_of(Method method) {
  switch (method) {
    case Method::Get:
      return "GET";
    case Method::Head:
      return "HEAD";
    case Method::Post:
      return "POST";
    case Method::Put:
      return "PUT";
    case Method::Patch:
      return "PATCH";
    case Method::Delete:
      return "DELETE";
    case Method::Options:
      return "OPTIONS";
  }
  return {};
}

void RequestHead::limit_to(const RequestHeadLimits& limits) {
  assert(limits.bytes_max <= RequestHeadLimits::BytesMost);  // a Slice has 16 bits
  limits_ = limits;
  request_line_max_ = std::min(limits.bytes_max, limits.target_bytes_max + RequestLineRest);
  fields_.limit_to(limits.fields_max);
}

void RequestHead::clear() {
  lines_.clear();
  refusal_ = {};
  has_request_line_ = complete_ = keep_alive_ = expect_continue_ = false;
  target_ = path_ = query_ = authority_ = {};
  framing_ = {};
  fields_.clear();
}

bool RequestHead::read_length_again(const char* begin) {
  assert(complete_ && refusal_.status == 0);  // nothing else may be taken for granted
  // All that was found lies where it lay, whatever the buffer.
  fields_.set_base(begin);
  Framing framing;
  MessageRefusal why;
  if (!fields_.framing(framing, minor_version_, why)) return false;
  framing_ = framing;
  return true;
}

Progress RequestHead::read(std::string_view received) {
  if (refusal_.status != 0) return Progress::Refused;
  fields_.set_base(received.data());
  // We refuse a TLS hello or other noise at its first byte, not at a timeout.
  if (!received.empty() && (received[0] < 'A' || received[0] > 'Z')) {
    refuse(400, "the request line does not begin with a method");
    return Progress::Refused;
  }
  while (!complete_) {
    switch (lines_.next(received, has_request_line_ ? limits_.bytes_max : request_line_max_)) {
      case HeadLines::Found::NeedMore:
        return Progress::NeedMore;
      case HeadLines::Found::TooLong:
        has_request_line_ ? refuse(431, "the request head is larger than allowed")
                          : refuse(414, "the request line is longer than allowed");
        return Progress::Refused;
      case HeadLines::Found::Fault:
        refusal_ = lines_.fault();
        return Progress::Refused;
      case HeadLines::Found::Line:
        if (!take_line(lines_.line())) return Progress::Refused;
    }
  }
  return Progress::Complete;
}

std::string_view RequestHead::host_name() const {
  const std::string_view whole = host();
  return whole.substr(0, name_size(whole));
}

RequestHead::Slice RequestHead::slice(std::string_view text) const {
  return {.at = static_cast<std::uint16_t>(text.data() - fields_.base()),
          .size = static_cast<std::uint16_t>(text.size())};
}

bool RequestHead::refuse(int status, std::string_view reason) {
  refusal_ = {status, reason};
  return false;
}

bool RequestHead::take_line(std::string_view line) {
  if (!has_request_line_) {
    has_request_line_ = true;
    return take_request_line(line);
  }
  if (!line.empty()) return fields_.add(line, Fields::From::Client, refusal_);
  complete_ = finish();
  return complete_;
}

bool RequestHead::take_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return refuse(400, "the request line is not 'method target version'");
  }
  if (!take_version(line.substr(last + 1))) return false;
  const std::string_view method = line.substr(0, first);
  if (!is_token(method)) return refuse(400, "the method is not a token");
  const auto known = method_of(method);
  if (!known) return refuse(501, "the method is not one we serve");
  method_ = *known;
  return take_target(line.substr(first + 1, last - first - 1));
}

bool RequestHead::take_version(std::string_view version) {
  const bool is_version = version.size() == 8 && version.substr(0, 5) == "HTTP/" &&
                          bytes::is_digit(version[5]) && version[6] == '.' &&
                          bytes::is_digit(version[7]);
  if (!is_version) return refuse(400, "the request line does not end with a version");
  if (version[5] != '1' || version[7] > '1') return refuse(505, "expected HTTP/1.1 or HTTP/1.0");
  minor_version_ = static_cast<std::uint8_t>(version[7] - '0');
  return true;
}

bool RequestHead::take_target(std::string_view target) {
  if (target.size() > limits_.target_bytes_max) {
    return refuse(414, "the target is longer than allowed");
  }
  if (target.empty() || !is_target(target)) {
    return refuse(400, "the target is not visible ASCII without '#' and backslash");
  }
  target_ = slice(target);
  if (target == "*") {
    if (method_ != Method::Options) return refuse(400, "the target '*' is for OPTIONS alone");
    path_ = target_;
    return true;
  }
  std::string_view path = target;
  if (target.front() != '/') {
    const std::size_t scheme = equal_ignoring_case(target.substr(0, 7), "http://")    ? 7
                               : equal_ignoring_case(target.substr(0, 8), "https://") ? 8
                                                                                      : 0;
    if (scheme == 0) return refuse(400, "the target is neither a path nor an http URL");
    const std::size_t end = std::min(target.find_first_of("/?", scheme), target.size());
    const std::string_view authority = target.substr(scheme, end - scheme);
    if (!is_host(authority)) return refuse(400, "the target's authority is not host[:port]");
    authority_ = slice(authority);
    path.remove_prefix(end);
  }
  const std::size_t mark = std::min(path.find('?'), path.size());
  path_ = slice(path.substr(0, mark));
  if (mark < path.size()) query_ = slice(path.substr(mark + 1));
  return true;
}

bool RequestHead::finish() {
  if (!check_host()) return false;
  if (!fields_.framing(framing_, minor_version_, refusal_)) return false;
  keep_alive_ =
      !fields_.connection_close() && (minor_version_ == 1 || fields_.connection_keep_alive());
  if (minor_version_ == 1 && fields_.has(FieldName::Expect)) {
    if (!equal_ignoring_case(*fields_.get(FieldName::Expect), "100-continue")) {
      return refuse(400, "Expect: expected '100-continue'");
    }
    expect_continue_ = true;
  }
  return true;
}

bool RequestHead::check_host() {
  const auto host = fields_.get(FieldName::Host);
  if (!host) return minor_version_ == 0 || refuse(400, "no Host");
  if (!is_host(*host)) return refuse(400, "Host: expected host[:port]");
  if (authority_.size != 0 && !equal_ignoring_case(*host, view(authority_))) {
    return refuse(400, "the target's authority is not the Host");
  }
  return true;
}

}  // namespace vdm::http1
