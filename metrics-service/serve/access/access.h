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
#include "common/access/permissions.h"
#include "common/audit/audit_log.h"
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
  AuditLog* audit = nullptr;         ///< null: none is kept
};

/// Who asks.
struct Caller {
  bool admitted = false;           ///< by a key or a login, or since no key is set
  const AccessKey* key = nullptr;  ///< null and admitted: no key is set, and all is allowed

  bool may(const Permission& permission) const {
    return permission.open || (admitted && (key == nullptr || permission.lets(key->role)));
  }
  /// A client sees its own requests alone: those with this label. Nothing: all.
  std::optional<std::string> own_label() const {
    if (key == nullptr || key->role != Role::Client) return std::nullopt;
    return key->label();
  }
  std::string_view name() const { return key != nullptr ? std::string_view(key->name) : ""; }
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
  /// Who asks, by key or login. authenticate() counts its key; this may be asked as often as one
  /// likes.
  Caller caller_of(const http::Request& request) const;
  bool authenticated(const http::Request& request) const { return caller_of(request).admitted; }
  /// Whether who asks may know how the service fares: who shows a key or a login that reads and,
  /// where no key is set, who calls from this machine.
  bool tells_all(const http::Request& request) const;
  LoginResult log_in(std::string_view key, const http::Request& request);
  /// Ends the session; returns the Set-Cookie value that deletes the cookie.
  std::string log_out(const http::Request& request);

  /// The origin to name in the answer; empty when it names none.
  std::string cors_origin(const http::Request& request) const;

  /// Notes in the audit log, if one is kept, what the caller did or was refused.
  void note(const http::Request& request, std::string_view action, std::string target,
            std::string outcome) const;

  std::size_t sessions() const { return sessions_.size(); }

 private:
  std::optional<http::Reply> refuse_change(const http::Request& request) const;
  std::optional<http::Reply> refuse_caller(const http::Request& request);
  void note_refusal(const http::Request& request, const AccessKey* key,
                    std::string_view outcome) const;
  void note_as(const http::Request& request, AuditEntry entry) const;
  bool own_origin(const http::Request& request, std::string_view origin) const;
  IpAddress client_of(const http::Request& request) const;
  const AccessKey* session_key(const http::Request& request) const;
  std::string cookie(std::string_view token, std::int64_t max_age) const;
  void forget_expired();

  AccessOptions options_;
  KeyCheck& keys_;
  const Clock& clock_;
  struct LoginSession {
    MonotonicTime ends{};
    const AccessKey* key = nullptr;
  };
  std::map<Sha256, LoginSession> sessions_;  ///< by the hash of a session's token
};

/// The cookie's value; nothing when the request has no such cookie.
std::optional<std::string_view> cookie_of(const http::Request& request, std::string_view name);
/// The key in the request: `x-api-key`, else `Authorization: Bearer`.
std::string_view key_of(const http::Request& request);
/// Says how long no key of the client's address counts.
http::Reply too_many_wrong_keys(std::chrono::seconds wait);

}  // namespace vdm::metrics
