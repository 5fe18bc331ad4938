#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "common/base/clock.h"
#include "common/base/ip_address.h"

namespace vdm {

struct KeyThrottleOptions {
  std::size_t wrong_max = 10;  ///< from one address, within Window
  /// From an address where the right key came within KnownFor: many users may stand behind it.
  std::size_t wrong_of_known_max = 1'000;
  std::size_t addresses_max = 4'096;  ///< then the one longest ago is forgotten
};

/// Counts wrong keys by client address, so that a guesser is slowed down and nobody else is. An
/// IPv6 address counts as its 64-bit network. README.md says what that holds off. Thread: any.
class KeyThrottle {
 public:
  static constexpr std::chrono::seconds Window{60};
  static constexpr std::chrono::hours KnownFor{1};
  enum class Key { Right, Wrong };

  explicit KeyThrottle(KeyThrottleOptions options = {}) : options_(options) {}

  /// Takes note of a key that came from there. Nothing: it counts, as Right or as Wrong. Else the
  /// address has shown too many wrong ones: the key does not count, whichever it was, until that
  /// time is over.
  std::optional<std::chrono::seconds> note(const IpAddress& from, Key key, MonotonicTime now);
  /// The time until which no key from there counts; nothing: one does.
  std::optional<std::chrono::seconds> wait(const IpAddress& from, MonotonicTime now) const;

  std::size_t addresses() const;  ///< those that erred

 private:
  struct Wrong {
    MonotonicTime since{};  ///< when this minute began
    std::size_t count = 0;
  };
  /// What is kept of each address, the one noted longest ago in front.
  template <class Kept>
  struct Recent {
    std::list<std::pair<IpAddress, Kept>> in_order{};
    std::map<IpAddress, typename std::list<std::pair<IpAddress, Kept>>::iterator> found{};

    const Kept* find(const IpAddress& address) const;
    Kept& note(const IpAddress& address, std::size_t most);
  };

  bool knows(const IpAddress& network, MonotonicTime now) const;
  std::optional<std::chrono::seconds> wait_of(const IpAddress& network, MonotonicTime now) const;

  const KeyThrottleOptions options_;
  mutable std::mutex mutex_;
  Recent<Wrong> wrong_;
  Recent<MonotonicTime> known_;  ///< when the right key came last
};

}  // namespace vdm
