#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace vdm::metrics {

struct LoginThrottleOptions {
  std::size_t failures_max = 10;      ///< per address, within Window
  std::size_t addresses_max = 4'096;  ///< addresses counted separately; see LoginThrottle
};

/// Counts the wrong keys of the last minute by client address, so that someone who guesses keys
/// locks out nobody else. An IPv6 address counts as its 64-bit network, since one guesser usually
/// has all of it. Beyond `addresses_max`, new addresses share one count: guesses stay bounded
/// however many addresses the guesser has, and addresses already in the table keep their own count.
/// Thread: owner only.
class LoginThrottle {
 public:
  static constexpr auto Window = std::chrono::minutes(1);

  LoginThrottle(LoginThrottleOptions options, const Clock& clock)
      : options_(options), clock_(clock) {}

  /// `peer` is the client's address and port.
  bool too_many(std::string_view peer) const;
  void add(std::string_view peer);

  std::size_t addresses() const { return by_address_.size(); }

 private:
  using Address = std::array<unsigned char, 16>;
  /// The latest failures, at most `failures_max`, oldest first.
  using Times = std::vector<MonotonicTime>;

  static Address address_of(std::string_view peer);
  bool too_many(const Times& failures) const;
  void add(Times& failures) const;
  void forget_outdated();

  LoginThrottleOptions options_;
  const Clock& clock_;
  std::map<Address, Times> by_address_;
  Times of_all_others_;
  MonotonicTime looked_through_{};  ///< when forget_outdated() last ran
};

}  // namespace vdm::metrics
