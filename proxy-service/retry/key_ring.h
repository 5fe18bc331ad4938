#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "proxy-service/retry/key_cooldowns.h"
#include "proxy-service/routing/affinity.h"

namespace vdm::proxy {

/// Chooses the provider's key for a call among the keys that are not in cooldown: the session's, by
/// rendezvous hashing, or with Affinity::None the next in turn. A session so finds its prompts in
/// the provider's cache, which belongs to one key, and a key in cooldown moves its own sessions
/// alone. A key that the provider refuses gets a cooldown, as long as the provider's Retry-After if
/// there is one. A request gets each key at most once, so it ends whatever the provider answers.
/// The caller passes the time; the cooldowns are the process's. Thread: its IoThread.
class KeyRing {
 public:
  struct Options {
    std::chrono::milliseconds cooldown{60'000};       ///< without a Retry-After
    std::chrono::milliseconds cooldown_max{600'000};  ///< the longest, whatever Retry-After says

    friend bool operator==(const Options&, const Options&) = default;
  };

  /// The keys that one request has used.
  class Tried {
   public:
    bool has(std::size_t key) const { return (given_ >> key & 1) != 0; }
    bool empty() const { return given_ == 0; }

   private:
    friend class KeyRing;
    std::uint64_t given_ = 0;
  };

  /// `keys`: at most KeysMax, and as many as `cooldowns` has.
  KeyRing(std::span<const Secret> keys, Affinity affinity, Options options,
          KeyCooldowns& cooldowns);

  /// Whether take() looks at the session: not with one key, so that nothing is hashed for it.
  bool by_session() const { return affinity_ == Affinity::Session && !seeds_.empty(); }
  /// The index of a key that is not in cooldown and not in `tried`. `session`: see session_hash();
  /// any number unless by_session().
  std::optional<std::size_t> take(Tried& tried, MonotonicTime now, std::uint64_t session = 0);
  /// The same by `owner` alone, whatever the affinity: what was stored with a key, as a file, is
  /// found by that key only, on every thread and proxy. See owner_hash().
  std::optional<std::size_t> take_of_owner(Tried& tried, MonotonicTime now, std::uint64_t owner);
  /// For a request without another target, when all keys are in cooldown: ends the cooldown with
  /// the least time left and gives that key, so that the client gets the provider's own answer.
  std::optional<std::size_t> end_cooldown(Tried& tried, MonotonicTime now);
  /// Whether take() would return a key.
  bool has_next(const Tried& tried, MonotonicTime now) const;

  /// Records the provider's answer to a call with this key. 401, 403 and 429 start a cooldown.
  void answered(std::size_t key, int status, std::optional<std::chrono::milliseconds> retry_after,
                MonotonicTime now);

  bool cools_down(std::size_t key, MonotonicTime now) const {
    return cooldowns_.cools_down(key, now);
  }
  std::size_t size() const { return cooldowns_.size(); }

 private:
  bool may_give(const Tried& tried, std::size_t key, MonotonicTime now) const {
    return !tried.has(key) && !cools_down(key, now);
  }
  void give(Tried& tried, std::size_t key);
  std::optional<std::size_t> take_by_hash(Tried& tried, MonotonicTime now, std::uint64_t hash);

  Affinity affinity_;
  Options options_;
  KeyCooldowns& cooldowns_;
  std::vector<std::uint64_t> seeds_;  ///< hashes of the keys; empty when there is one
  std::size_t next_ = 0;
};

/// What tells sessions apart when they are given keys: the session's name. For a client that names
/// none, its label and the beginning of the request, which the turns of a conversation have in
/// common.
std::uint64_t session_hash(std::string_view session, std::string_view client,
                           std::string_view body);

/// What tells apart whose files and batches are stored at a provider: the client.
std::uint64_t owner_hash(std::string_view client, std::string_view provider);

/// Whether a status concerns the key rather than the request or the provider.
constexpr bool is_about_the_key(int status) {
  return status == 401 || status == 403 || status == 429;
}

}  // namespace vdm::proxy
