#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/base/clock.h"

namespace vdm::proxy {

/// What a call shows about the provider's health.
enum class CallResult : std::uint8_t {
  Succeeded,  ///< the provider answered, if only that the request is wrong
  Failed,     ///< the provider cut the connection or took too long
  Neither,    ///< nothing: the client left, the proxy stopped, or the key was refused
};

/// 5xx is Failed. 401, 403, 408 and 429 are Neither, since they concern the key or the moment. Any
/// other status is Succeeded.
CallResult result_of(int status);

/// Keeps requests from a provider that fails most of them. Closed, it counts calls over a sliding
/// window; open, it gives no permits for a while; half-open, it gives a few permits for probes,
/// whose results close it or open it for longer. How long it is open is partly chance, so that a
/// provider which fails in step with it is found up sooner or later. The caller passes the time,
/// and with what may open it a `chance` from 0 up to 1. Each thread has one for each provider,
/// which outlives a reload. Thread: its IoThread.
class CircuitBreaker {
 public:
  struct Options {
    std::uint32_t failure_percent = 50;  ///< opens at this share of failed calls; 0: never
    std::uint32_t calls_min = 20;        ///< in the window, before it judges
    std::chrono::milliseconds window{30'000};
    /// Less a random part of up to half; doubled each time the probes fail.
    std::chrono::milliseconds open{10'000};
    std::chrono::milliseconds open_max{120'000};  ///< the longest it is open
    std::uint32_t probes = 2;                     ///< permits at once; as many must succeed

    friend bool operator==(const Options&, const Options&) = default;
  };

  enum class State : std::uint8_t { Closed, Open, HalfOpen };

  /// Allows one call. The caller records the call's result with it as soon as the provider has
  /// shown whether it works: at the first token, not at the last.
  class Permit {
   private:
    friend class CircuitBreaker;
    explicit Permit(std::uint64_t period) : period_(period) {}
    std::uint64_t period_;
  };

  explicit CircuitBreaker(Options options) : options_(options), open_for_(options.open) {}

  /// Nothing while the breaker is open or all probes are under way.
  std::optional<Permit> admit(MonotonicTime now);
  /// Ignores a result whose permit is from before the last change of state.
  void record(Permit permit, CallResult result, MonotonicTime now, double chance);
  /// A call whose success was recorded has failed after all: its stream broke off. It counts as one
  /// failed call, also if the state has changed meanwhile, unless no calls are counted now.
  void broke_off(Permit permit, MonotonicTime succeeded_at, MonotonicTime now, double chance);
  /// A reload: other options, the same state.
  void configure(Options options) { options_ = options; }

  State state(MonotonicTime now) const;
  /// How long until the next probe is allowed; 0 unless the breaker is open.
  std::chrono::milliseconds open_for(MonotonicTime now) const;

 private:
  static constexpr std::size_t Slices = 10;
  struct Slice {
    std::int64_t index = -1;  ///< counted from the clock's start; older ones are ignored
    std::uint32_t failed = 0;
    std::uint32_t calls = 0;
  };

  void enter(State state, MonotonicTime now);
  void open(MonotonicTime now, double chance);
  void open_longer(MonotonicTime now, double chance);
  Slice& current_slice(MonotonicTime now);
  void judge_probe(CallResult result, MonotonicTime now, double chance);
  bool fails_too_often(MonotonicTime now) const;
  std::int64_t slice_at(MonotonicTime now) const;

  Options options_;
  State state_ = State::Closed;
  std::uint64_t period_ = 0;  ///< the number of state changes so far
  MonotonicTime since_{};
  MonotonicTime open_until_{};
  std::chrono::milliseconds open_for_;  ///< the next time, before chance takes its part
  std::array<Slice, Slices> slices_{};
  std::uint32_t probes_out_ = 0;
  std::uint32_t probes_succeeded_ = 0;
};

}  // namespace vdm::proxy
