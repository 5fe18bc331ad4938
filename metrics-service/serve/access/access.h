#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/secret.h"
#include "common/http/reply_writer.h"
#include "metrics-service/serve/access/login_throttle.h"

namespace vdm::metrics {

struct AccessOptions {
  /// Empty: everyone who can reach the service may use it.
  Secret key = {};
  std::vector<std::string> allowed_hosts = {};    ///< besides those of this machine, lower case
  std::vector<std::string> allowed_origins = {};  ///< "https://ops.example", matched exactly
  bool secure_cookie = false;                     ///< browsers reach the service over https only
  std::chrono::hours session_life{12};
  std::size_t sessions_max = 1'024;  ///< beyond it the oldest session is logged out
  LoginThrottleOptions login_throttle = {};
};

/// Decides who may use the service: it compares the key of a header, by hash and in constant time,
/// or a login's cookie, and checks hosts and origins. Sessions live in memory, found by the hash of
/// their token. Thread: owner only.
class Access {
 public:
  Access(AccessOptions options, const Clock& clock);

  /// Whether `host`, in lower case, is a name of this machine or a configured one.
  bool host_allowed(std::string_view host) const;
  /// Answers a request that must not continue, and CORS preflights, before its body is read;
  /// nothing when the request may continue.
  std::optional<http::Reply> authenticate(const http::Request& request);

  bool required() const { return !options_.key.empty(); }
  bool authenticated(const http::Request& request) const;
  /// The Set-Cookie value for the right key; nothing for a wrong one.
  std::optional<std::string> log_in(std::string_view key, std::string_view peer);
  /// Whether this client's address has sent too many wrong keys: its next attempt is refused
  /// unchecked.
  bool too_many_failures(std::string_view peer) const { return failures_.too_many(peer); }
  /// Ends the session; returns the Set-Cookie value that deletes the cookie.
  std::string log_out(const http::Request& request);

  /// The origin to name in the answer; empty when it names none.
  std::string cors_origin(const http::Request& request) const;

  std::size_t sessions() const { return sessions_.size(); }

 private:
  std::optional<http::Reply> refuse_change(const http::Request& request) const;
  bool own_origin(const http::Request& request, std::string_view origin) const;
  bool key_is_right(std::string_view key) const;
  std::string cookie(std::string_view token, std::int64_t max_age) const;
  void forget_expired();

  AccessOptions options_;
  const Clock& clock_;
  Sha256 key_hash_{};
  std::map<Sha256, MonotonicTime> sessions_;  ///< hash of a session's token -> the session's end
  LoginThrottle failures_;
};

/// The cookie's value; nothing when the request has no such cookie.
std::optional<std::string_view> cookie_of(const http::Request& request, std::string_view name);
/// The key in the request: `x-api-key`, else `Authorization: Bearer`.
std::string_view key_of(const http::Request& request);

}  // namespace vdm::metrics
