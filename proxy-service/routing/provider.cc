#include "proxy-service/routing/provider.h"

#include <algorithm>
#include <cctype>

#include "common/base/env.h"
#include "common/base/host_port.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view ApiVersion = "api-version";

Error refused(std::string_view key, std::string_view what, std::string_view got) {
  std::string message(key);
  message.append(": expected ").append(what).append(", got '").append(got.substr(0, 120));
  message.append("'");
  return Error{ErrorKind::InvalidRequest, std::move(message)};
}

bool is_host_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
}

bool is_path_character(char c) { return c > ' ' && c < 0x7f && c != '?' && c != '#'; }

/// Splits "host", "host:8080" or "[::1]:8080" into host and port ("" without one). False when
/// brackets or colons do not match.
bool split_authority(std::string_view text, std::string& host, std::string_view& port) {
  const bool bracketed = !text.empty() && text.front() == '[';
  const auto end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && end == std::string_view::npos) return false;

  host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  std::ranges::transform(host, host.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (end == std::string_view::npos) {
    port = {};
    return true;
  }
  const auto rest = text.substr(bracketed ? end + 1 : end);
  if (!rest.empty() && (rest.front() != ':' || rest.size() == 1)) return false;
  port = rest.empty() ? rest : rest.substr(1);
  return true;
}

bool is_valid_host(const std::string& host) {
  if (host.empty() || host.size() > 253) return false;
  if (host.find(':') != std::string::npos) {
    return std::ranges::all_of(
        host, [](unsigned char c) { return std::isxdigit(c) != 0 || c == ':' || c == '.'; });
  }
  return std::ranges::all_of(host, is_host_character);
}

}  // namespace

const Door* find_door(const Provider& provider, Dialect dialect) {
  const auto found = std::ranges::find(provider.doors, dialect, &Door::dialect);
  return found == provider.doors.end() ? nullptr : &*found;
}

const Door& door_for(const Provider& provider, Dialect client) {
  const Door* const own = find_door(provider, client);
  return own != nullptr ? *own : provider.doors.front();
}

bool has_address(const Provider& provider, const BaseUrl& address) {
  return std::ranges::find(provider.doors, address, &Door::base_url) != provider.doors.end();
}

std::string upstream_target(const Door& door, Endpoint endpoint) {
  const bool anthropic = door.dialect == Dialect::Anthropic;
  std::string target = door.base_url.path_prefix;
  switch (endpoint) {
    case Endpoint::Completion:
      return target.append(anthropic ? "/v1/messages" : "/chat/completions");
    case Endpoint::CountTokens:
      return target.append(anthropic ? "/v1/messages/count_tokens" : "/count_tokens");
    case Endpoint::Models:
      return target.append(anthropic ? "/v1/models" : "/models");
  }
  return target;
}

namespace {

/// `target` with the client's query; for a provider with an `api_version`, its `api-version` is
/// set.
std::string with_query(std::string target, const Provider& provider,
                       std::string_view client_query) {
  char separator = '?';
  while (!client_query.empty()) {
    const std::string_view member = client_query.substr(0, client_query.find('&'));
    client_query.remove_prefix(std::min(member.size() + 1, client_query.size()));
    const bool replaced =
        !provider.api_version.empty() && member.substr(0, member.find('=')) == ApiVersion;
    if (member.empty() || replaced) continue;
    target.push_back(std::exchange(separator, '&'));
    target.append(member);
  }
  if (provider.api_version.empty()) return target;
  target.push_back(separator);
  return target.append(ApiVersion).append("=").append(provider.api_version);
}

}  // namespace

std::string upstream_target(const Provider& provider, const Door& door, Endpoint endpoint,
                            std::string_view client_query) {
  return with_query(upstream_target(door, endpoint), provider, client_query);
}

std::string forwarded_target(const Provider& provider, const Door& door,
                             std::string_view client_path, std::string_view client_query) {
  constexpr std::string_view Version = "/v1";  // which OpenAI's base URLs end with
  const bool has_version = client_path.starts_with(Version);
  if (door.dialect == Dialect::OpenAi && has_version) client_path.remove_prefix(Version.size());
  std::string target = door.base_url.path_prefix;
  return with_query(std::move(target.append(client_path)), provider, client_query);
}

bool same_keys(const Provider& a, const Provider& b) {
  return std::ranges::equal(a.keys, b.keys, {}, &Secret::reveal, &Secret::reveal);
}

bool same_account(const Provider& a, const Provider& b) {
  return a.name == b.name && a.doors == b.doors && same_keys(a, b);
}

KeyHeader key_header(const Provider& provider, const Door& door) {
  if (door.key_header) return *door.key_header;
  if (door.dialect == Dialect::Anthropic) return KeyHeader::XApiKey;
  return provider.api_version.empty() ? KeyHeader::Bearer : KeyHeader::ApiKey;
}

std::string url_text(const BaseUrl& url) {
  return (url.scheme == Scheme::Https ? "https://" : "http://") + url.authority + url.path_prefix;
}

std::string env_prefix(std::string_view name) {
  std::string prefix(name);
  for (char& c : prefix) {
    c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return prefix;
}

Result<BaseUrl> parse_base_url(std::string_view key, std::string_view text, HttpUpstreams http) {
  constexpr std::string_view Wanted = "a URL such as https://api.example.com/v1";
  if (text.find_first_of("@?") != std::string_view::npos) {
    // The error does not repeat the text: it may contain a password or a key.
    return Error{ErrorKind::InvalidRequest,
                 std::string(key) + ": expected a URL without user, password and query"};
  }
  BaseUrl url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    url.scheme = Scheme::Http;
    url.port = 80;
  } else {
    return refused(key, Wanted, text);
  }

  const auto slash = rest.find('/');
  const std::string_view authority = rest.substr(0, slash);
  std::string_view path = slash == std::string_view::npos ? "" : rest.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  std::string_view port;
  if (!split_authority(authority, url.host, port) || !is_valid_host(url.host) ||
      !std::ranges::all_of(path, is_path_character)) {
    return refused(key, Wanted, text);
  }
  const std::uint16_t standard_port = url.port;
  if (!port.empty()) {
    const auto parsed = parse_port(key, port);
    if (!parsed) return refused(key, Wanted, text);
    url.port = *parsed;
  }
  if (url.scheme == Scheme::Http && http == HttpUpstreams::LoopbackOnly &&
      !is_loopback_host(url.host)) {
    return refused(key, "https (http beyond this machine needs VDM_ALLOW_HTTP_UPSTREAM=true)",
                   text);
  }

  url.path_prefix = path;
  url.authority = url_host(url.host);
  if (url.port != standard_port) url.authority += ":" + std::to_string(url.port);
  return url;
}

}  // namespace vdm::proxy
