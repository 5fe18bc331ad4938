#include "metrics-service/serve/access/access.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"

namespace vdm::metrics {
namespace {

constexpr std::string_view CookieName = "vdm_session";

bool changes_something(const http::Request& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

/// Paths that need no key: health, the dashboard's page, and those for logging in.
bool open_to_all(std::string_view path) {
  constexpr std::array<std::string_view, 8> Paths{"/",          "/health",     "/health/ready",
                                                  "/session",   "/login",      "/logout",
                                                  "/dashboard", "/favicon.ico"};
  return std::ranges::find(Paths, path) != Paths.end() || path.starts_with("/dashboard/");
}

void add_cors(http::ReplyHead& head, const std::string& origin) {
  if (origin.empty()) return;
  head.headers.push_back({"Access-Control-Allow-Origin", origin});
  head.headers.push_back({"Vary", "Origin"});
}

http::Reply preflight(const std::string& origin) {
  http::Reply reply;
  reply.head.status = 204;
  add_cors(reply.head, origin);
  reply.head.headers.push_back({"Access-Control-Allow-Methods", "GET, POST"});
  reply.head.headers.push_back({"Access-Control-Allow-Headers",
                                "authorization, x-api-key, content-type, last-event-id, accept"});
  reply.head.headers.push_back({"Access-Control-Max-Age", "600"});
  return reply;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string_view> cookie_of(const http::Request& request, std::string_view name) {
  const std::string* cookies = request.header("cookie");
  std::string_view rest = cookies ? std::string_view(*cookies) : std::string_view();
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    const std::string_view pair = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
  }
  return std::nullopt;
}

std::string_view key_of(const http::Request& request) {
  if (const std::string* key = request.header("x-api-key"); key && !key->empty()) return *key;
  const std::string* authorization = request.header("authorization");
  constexpr std::string_view Bearer = "Bearer ";
  if (!authorization || !authorization->starts_with(Bearer)) return {};
  return std::string_view(*authorization).substr(Bearer.size());
}

http::Reply too_many_wrong_keys(std::chrono::seconds wait) {
  http::Reply reply = http::error_reply(
      429, "rate_limit_error", "too many wrong keys came from this address; wait before the next");
  reply.head.headers.push_back({"Retry-After", std::to_string(wait.count())});
  return reply;
}

Access::Access(AccessOptions options, KeyCheck& keys, const Clock& clock)
    : options_(std::move(options)), keys_(keys), clock_(clock) {}

bool Access::host_allowed(std::string_view host) const {
  if (host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "[::1]") return true;
  return std::ranges::find(options_.allowed_hosts, host) != options_.allowed_hosts.end();
}

IpAddress Access::client_of(const http::Request& request) const {
  std::vector<std::string_view> forwarded;
  for (const http::Header& header : request.headers) {
    if (lower(header.name) == "x-forwarded-for") forwarded.push_back(header.value);
  }
  return keys_.trusted_proxies().client_of(request.peer, forwarded);
}

bool Access::authenticated(const http::Request& request) const {
  if (!required()) return true;
  const std::string_view key = key_of(request);
  return key.empty() ? has_session(request) : keys_.admits(key, client_of(request));
}

bool Access::tells_all(const http::Request& request) const {
  return required() ? authenticated(request) : client_of(request).is_loopback();
}

bool Access::has_session(const http::Request& request) const {
  const auto token = cookie_of(request, CookieName);
  if (!token) return false;
  const auto session = sessions_.find(sha256(*token));
  return session != sessions_.end() && clock_.monotonic() < session->second;
}

std::string Access::cors_origin(const http::Request& request) const {
  const std::string* origin = request.header("origin");
  const auto& allowed = options_.allowed_origins;
  if (!origin || std::ranges::find(allowed, *origin) == allowed.end()) return "";
  return *origin;
}

/// A page's own origin names the Host of the request; the scheme is not compared, since a proxy in
/// front may have ended TLS.
bool Access::own_origin(const http::Request& request, std::string_view origin) const {
  const std::string* host = request.header("host");
  return host && (origin == "http://" + *host || origin == "https://" + *host);
}

std::optional<http::Reply> Access::refuse_change(const http::Request& request) const {
  const std::string* origin = request.header("origin");
  if (origin && !own_origin(request, *origin) && cors_origin(request).empty()) {
    return http::error_reply(
        403, "permission_error",
        "Origin: not allowed to change anything here; see VDM_ALLOWED_ORIGINS");
  }
  if (request.media_type() != "application/json") {
    return http::error_reply(415, "invalid_request_error",
                             "Content-Type: expected application/json");
  }
  return std::nullopt;
}

std::optional<http::Reply> Access::authenticate(const http::Request& request) {
  const std::string origin = cors_origin(request);
  if (request.method == "OPTIONS" && !origin.empty()) return preflight(origin);
  std::optional<http::Reply> refusal;
  const std::string_view key = key_of(request);
  // A key is counted on every path: an open one may tell more to who shows the right one.
  const KeyResult shown = keys_.check(key, client_of(request));
  const bool admitted = shown.admitted || (key.empty() && has_session(request));
  if (admitted || open_to_all(request.path)) {
    if (changes_something(request)) refusal = refuse_change(request);
  } else if (shown.wait) {
    refusal = too_many_wrong_keys(*shown.wait);
  } else {
    refusal = http::error_reply(401, "authentication_error",
                                "x-api-key or Authorization: Bearer: expected the key of this "
                                "service, or a login");
  }
  if (refusal) add_cors(refusal->head, origin);
  return refusal;
}

LoginResult Access::log_in(std::string_view key, const http::Request& request) {
  const KeyResult shown = keys_.check(key, client_of(request));
  if (!shown.admitted) return {.wait = shown.wait};
  const MonotonicTime now = clock_.monotonic();
  forget_expired();
  if (sessions_.size() >= options_.sessions_max) {
    sessions_.erase(
        std::ranges::min_element(sessions_, {}, [](const auto& s) { return s.second; }));
  }
  const std::string token = random_hex(32);
  sessions_[sha256(token)] = now + options_.session_life;
  return {.cookie = cookie(token, std::chrono::seconds(options_.session_life).count())};
}

std::string Access::log_out(const http::Request& request) {
  if (const auto token = cookie_of(request, CookieName)) sessions_.erase(sha256(*token));
  return cookie("", 0);
}

void Access::forget_expired() {
  const MonotonicTime now = clock_.monotonic();
  std::erase_if(sessions_, [&](const auto& session) { return session.second <= now; });
}

std::string Access::cookie(std::string_view token, std::int64_t max_age) const {
  return std::string(CookieName) + "=" + std::string(token) +
         "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(max_age) +
         (options_.secure_cookie ? "; Secure" : "");
}

}  // namespace vdm::metrics
