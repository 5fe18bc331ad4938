#include "metrics-service/serve/access/access.h"

#include <algorithm>

#include "common/base/text.h"

namespace vdm::metrics {
namespace {

constexpr std::string_view CookieName = "vdm_session";
/// Of a key that is none of ours: enough to tell two apart, useless as a key.
constexpr std::size_t LabelDigits = 12;

bool changes_something(const http::Request& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
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

Caller Access::caller_of(const http::Request& request) const {
  if (!required()) return {.admitted = true};
  if (const std::string_view key = key_of(request); !key.empty()) {
    const KeyResult shown = keys_.peek(key, client_of(request));
    return {.admitted = shown.admitted, .key = shown.key};
  }
  const AccessKey* key = session_key(request);
  return {.admitted = key != nullptr, .key = key};
}

bool Access::tells_all(const http::Request& request) const {
  static constexpr const Permission& All = *RuleOf<Port::Metrics>("/health, all of it").row;
  return required() ? caller_of(request).may(All) : client_of(request).is_loopback();
}

/// The key that logged in, if the session and the key still hold.
const AccessKey* Access::session_key(const http::Request& request) const {
  const auto token = cookie_of(request, CookieName);
  if (!token) return nullptr;
  const auto session = sessions_.find(sha256(*token));
  if (session == sessions_.end() || clock_.monotonic() >= session->second.ends) return nullptr;
  return keys_.has_expired(*session->second.key) ? nullptr : session->second.key;
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
  std::optional<http::Reply> refusal = refuse_caller(request);
  if (!refusal && changes_something(request)) refusal = refuse_change(request);
  if (refusal) add_cors(refusal->head, origin);
  return refusal;
}

/// By the table of permissions. A path that it has no row for is nobody's: whoever has a key that
/// opens anything here is told that there is no such path.
std::optional<http::Reply> Access::refuse_caller(const http::Request& request) {
  // A key is counted on every path: an open one may tell more to who shows the right one.
  const std::string_view shown = key_of(request);
  const KeyResult result = keys_.check(shown, client_of(request));
  const AccessKey* const login = shown.empty() && required() ? session_key(request) : nullptr;
  const Caller caller{.admitted = result.admitted || login != nullptr,
                      .key = login != nullptr ? login : result.key};
  static constexpr Permission Nothing{Port::Metrics, "", permissions::Callers};
  const Permission* row = permissions::of_path(Port::Metrics, request.path);
  if (row == nullptr) row = &Nothing;
  if (caller.may(*row)) return std::nullopt;
  if (result.wait) {
    note_refusal(request, result.key, "too many wrong keys");
    return too_many_wrong_keys(*result.wait);
  }
  if (caller.admitted) {
    note_refusal(request, caller.key, "wrong role");
    return http::error_reply(403, "permission_error",
                             "the role of this key, " + std::string(word_of(caller.key->role)) +
                                 ", is not for this path");
  }
  const bool has_expired = result.key != nullptr;
  note_refusal(request, result.key,
               has_expired     ? "expired key"
               : shown.empty() ? "no key"
                               : "wrong key");
  return http::error_reply(401, "authentication_error",
                           has_expired ? "the time of this key is over"
                                       : "x-api-key or Authorization: Bearer: expected the key of "
                                         "this service, or a login");
}

void Access::note_as(const http::Request& request, AuditEntry entry) const {
  if (options_.audit == nullptr) return;
  entry.address = client_of(request);
  if (entry.outcome == "done") {
    options_.audit->done(std::move(entry));
  } else {
    options_.audit->refused(std::move(entry));
  }
}

void Access::note(const http::Request& request, std::string_view action, std::string target,
                  std::string outcome) const {
  note_as(request, {.actor = std::string(caller_of(request).name()),
                    .action = std::string(action),
                    .target = std::move(target),
                    .outcome = std::move(outcome)});
}

void Access::note_refusal(const http::Request& request, const AccessKey* key,
                          std::string_view outcome) const {
  const std::string_view shown = key_of(request);
  const std::string unknown = shown.empty() ? "" : hex_prefix(sha256(shown), LabelDigits);
  note_as(request, {.actor = key != nullptr ? key->name : "",
                    .shown = unknown,
                    .action = "call",
                    .target = request.method + " " + request.path,
                    .outcome = std::string(outcome)});
}

LoginResult Access::log_in(std::string_view key, const http::Request& request) {
  const KeyResult shown = keys_.check(key, client_of(request));
  const std::string_view outcome = shown.admitted ? "done"
                                   : shown.wait   ? "too many wrong keys"
                                   : shown.key    ? "expired key"
                                                  : "wrong key";
  note_as(request, {.actor = shown.key != nullptr ? shown.key->name : "",
                    .shown = hex_prefix(sha256(key), LabelDigits),
                    .action = "login",
                    .outcome = std::string(outcome)});
  if (!shown.admitted) return {.wait = shown.wait};
  const MonotonicTime now = clock_.monotonic();
  forget_expired();
  if (sessions_.size() >= options_.sessions_max) {
    sessions_.erase(
        std::ranges::min_element(sessions_, {}, [](const auto& s) { return s.second.ends; }));
  }
  const std::string token = random_hex(32);
  sessions_[sha256(token)] = {.ends = now + options_.session_life, .key = shown.key};
  return {.cookie = cookie(token, std::chrono::seconds(options_.session_life).count())};
}

std::string Access::log_out(const http::Request& request) {
  if (const auto token = cookie_of(request, CookieName)) sessions_.erase(sha256(*token));
  return cookie("", 0);
}

void Access::forget_expired() {
  const MonotonicTime now = clock_.monotonic();
  std::erase_if(sessions_, [&](const auto& session) { return session.second.ends <= now; });
}

std::string Access::cookie(std::string_view token, std::int64_t max_age) const {
  return std::string(CookieName) + "=" + std::string(token) +
         "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(max_age) +
         (options_.secure_cookie ? "; Secure" : "");
}

}  // namespace vdm::metrics
