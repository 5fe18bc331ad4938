#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace vdm::metrics {

struct LoginThrottleOptions {
  std::size_t failures_max = 10;      ///< of one address, within Window
  std::size_t addresses_max = 4'096;  ///< told apart; see LoginThrottle
};

/// The wrong keys of the last minute by the address they came from, so that whoever guesses locks
/// out nobody else. An IPv6 address stands for its network of 64 bits, which one guesser has whole.
/// Past `addresses_max`, addresses that are new share one count: guesses stay bounded however
/// many addresses the guesser has, and those who failed before keep a count of their own.
/// Thread: owner only.
class LoginThrottle {
 public:
  static constexpr auto Window = std::chrono::minutes(1);

  LoginThrottle(LoginThrottleOptions options, const Clock& clock)
      : options_(options), clock_(clock) {}

  /// `peer` is a client's address and port.
  bool too_many(std::string_view peer) const;
  void add(std::string_view peer);

  std::size_t addresses() const { return by_address_.size(); }

 private:
  using Address = std::array<unsigned char, 16>;
  using Times = std::vector<MonotonicTime>;  ///< the last `failures_max`, oldest first

  static Address address_of(std::string_view peer);
  bool too_many(const Times& failures) const;
  void add(Times& failures) const;
  void forget_outdated();

  LoginThrottleOptions options_;
  const Clock& clock_;
  std::map<Address, Times> by_address_;
  Times of_all_others_;
  MonotonicTime looked_through_{};  ///< by forget_outdated()
};

}  // namespace vdm::metrics
