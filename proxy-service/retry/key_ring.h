#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/clock.h"

namespace vdm::proxy {

/// Which of a provider's keys is shown next: round robin over those that do not
/// rest. A key that was refused rests, for as long as the provider said if it did.
/// One request is given each key once at most, so it comes to an end whatever the provider
/// answers. Time is an argument. Thread: its IoThread; what one learns the others do
/// not, which costs them one refusal.
class KeyRing {
 public:
  struct Options {
    std::chrono::milliseconds cooldown{60'000};       ///< when the provider does not say how long
    std::chrono::milliseconds cooldown_max{600'000};  ///< however long it says

    friend bool operator==(const Options&, const Options&) = default;
  };

  /// The keys that one request has been given.
  class Tried {
   public:
    bool has(std::size_t key) const { return (given_ >> key & 1) != 0; }
    bool empty() const { return given_ == 0; }

   private:
    friend class KeyRing;
    std::uint64_t given_ = 0;
  };

  /// `keys`: at most KeysMax.
  KeyRing(std::size_t keys, Options options) : options_(options), ready_at_(keys) {}

  /// The next key that is awake and was not given in this tried, by index.
  std::optional<std::size_t> take(Tried& tried, MonotonicTime now);
  /// When all rest: ends the cooldown that has the least left. For who would rather have the
  /// provider's own answer than none, which is a request without another target.
  std::optional<std::size_t> end_cooldown(Tried& tried, MonotonicTime now);
  /// Whether take() would give one.
  bool has_next(const Tried& tried, MonotonicTime now) const;

  /// What the provider answered to a key. 401, 403 and 429 let it rest.
  void answered(std::size_t key, int status, std::optional<std::chrono::milliseconds> retry_after,
                MonotonicTime now);

  bool cools_down(std::size_t key, MonotonicTime now) const { return now < ready_at_[key]; }
  std::size_t size() const { return ready_at_.size(); }

 private:
  void give(Tried& tried, std::size_t key);

  Options options_;
  std::vector<MonotonicTime> ready_at_;
  std::size_t next_ = 0;
};

/// Statuses that say something about the key rather than the request or the provider.
constexpr bool is_about_the_key(int status) {
  return status == 401 || status == 403 || status == 429;
}

}  // namespace vdm::proxy
