#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/access/key_check.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/http/reply_writer.h"

namespace vdm::metrics {

struct AccessOptions {
  std::vector<std::string> allowed_hosts = {};    ///< besides those of this machine, lower case
  std::vector<std::string> allowed_origins = {};  ///< "https://ops.example", matched exactly
  bool secure_cookie = false;                     ///< browsers reach the service over https only
  std::chrono::hours session_life{12};
  std::size_t sessions_max = 1'024;  ///< beyond it the oldest session is logged out
};

/// What became of a login.
struct LoginResult {
  std::optional<std::string> cookie{};         ///< Set-Cookie; nothing: not the key
  std::optional<std::chrono::seconds> wait{};  ///< no key counts for so long
};

/// Decides who may use the service: by the key of a header, which `keys` checks, or a login's
/// cookie; and by hosts and origins. Sessions live in memory, found by the hash of their token.
/// `keys` and `clock` must outlive it. Thread: owner only.
class Access {
 public:
  Access(AccessOptions options, KeyCheck& keys, const Clock& clock);

  /// Whether `host`, in lower case, is a name of this machine or a configured one.
  bool host_allowed(std::string_view host) const;
  /// Answers a request that must not continue, and CORS preflights, before its body is read;
  /// nothing when the request may continue.
  std::optional<http::Reply> authenticate(const http::Request& request);

  bool required() const { return keys_.required(); }
  /// Whether the request shows a key or a login that counts. authenticate() counts its key; this
  /// may be asked as often as one likes.
  bool authenticated(const http::Request& request) const;
  /// Whether who asks may know how the service fares: who shows a key or a login that counts and,
  /// where no key is set, who calls from this machine.
  bool tells_all(const http::Request& request) const;
  LoginResult log_in(std::string_view key, const http::Request& request);
  /// Ends the session; returns the Set-Cookie value that deletes the cookie.
  std::string log_out(const http::Request& request);

  /// The origin to name in the answer; empty when it names none.
  std::string cors_origin(const http::Request& request) const;

  std::size_t sessions() const { return sessions_.size(); }

 private:
  std::optional<http::Reply> refuse_change(const http::Request& request) const;
  bool own_origin(const http::Request& request, std::string_view origin) const;
  IpAddress client_of(const http::Request& request) const;
  bool has_session(const http::Request& request) const;
  std::string cookie(std::string_view token, std::int64_t max_age) const;
  void forget_expired();

  AccessOptions options_;
  KeyCheck& keys_;
  const Clock& clock_;
  std::map<Sha256, MonotonicTime> sessions_;  ///< hash of a session's token -> the session's end
};

/// The cookie's value; nothing when the request has no such cookie.
std::optional<std::string_view> cookie_of(const http::Request& request, std::string_view name);
/// The key in the request: `x-api-key`, else `Authorization: Bearer`.
std::string_view key_of(const http::Request& request);
/// Says how long no key of the client's address counts.
http::Reply too_many_wrong_keys(std::chrono::seconds wait);

}  // namespace vdm::metrics
