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
  Secret key = {};                                ///< empty: anyone who reaches us may look
  std::vector<std::string> allowed_hosts = {};    ///< besides this machine's, lower case
  std::vector<std::string> allowed_origins = {};  ///< "https://ops.example", matched exactly
  bool secure_cookie = false;                     ///< reached over https alone
  std::chrono::hours session_life{12};
  std::size_t sessions_max = 1'024;  ///< the oldest is logged out
  LoginThrottleOptions login_throttle = {};
};

/// Who gets in: the key in a header, compared by hash in constant time, or a login's
/// cookie; which hosts and origins may ask. Sessions live in memory, by the hash of
/// their token. Thread: owner only.
class Access {
 public:
  Access(AccessOptions options, const Clock& clock);

  /// This machine's names and those that are configured. `host` is lower case.
  bool host_allowed(std::string_view host) const;
  /// What stops a request before its body is read; nothing: it may go on. Answers preflights.
  std::optional<http::Reply> gate(const http::Request& request);

  bool required() const { return !options_.key.empty(); }
  bool authenticated(const http::Request& request) const;
  /// A cookie's header value for the right key; nothing for a wrong one.
  std::optional<std::string> log_in(std::string_view key, std::string_view peer);
  /// That client's address has shown too many wrong keys: its next is not looked at.
  bool too_many_failures(std::string_view peer) const { return failures_.too_many(peer); }
  /// Forgets the session; returns the header value that takes the cookie away.
  std::string log_out(const http::Request& request);

  /// The Origin to be named in the answer; empty: none.
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
  std::map<Sha256, MonotonicTime> sessions_;  ///< hash of token -> end
  LoginThrottle failures_;
};

/// The cookie's value; nothing when it is absent.
std::optional<std::string_view> cookie_of(const http::Request& request, std::string_view name);
/// The key a client presents: `x-api-key`, else `Authorization: Bearer`.
std::string_view key_of(const http::Request& request);

}  // namespace vdm::metrics
