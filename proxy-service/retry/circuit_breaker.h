#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/base/clock.h"

namespace vdm::proxy {

/// What a call says about the provider's health.
enum class CallResult : std::uint8_t {
  Succeeded,  ///< it answered, if only to say that the request is wrong
  Failed,     ///< it broke, or took too long
  Neither,    ///< the client left, we stopped, or a key was refused: it says nothing
};

/// What a status says: 5xx has failed; 401, 403, 408 and 429 are about the key or the
/// moment; anything else is an answer.
CallResult result_of(int status);

/// Keeps requests from a provider that fails most of them. Closed, it counts over a
/// sliding window; open, it lets none through for a while; half-open, it lets a few
/// probes through, and their results close it or open it for longer. Time is an
/// argument. One for each provider. Thread: its IoThread.
class CircuitBreaker {
 public:
  struct Options {
    std::uint32_t failure_percent = 50;  ///< opens at that many in a hundred; 0: never
    std::uint32_t calls_min = 20;        ///< in the window, before that is judged
    std::chrono::milliseconds window{30'000};
    std::chrono::milliseconds open{10'000};       ///< doubled each time the probes fail
    std::chrono::milliseconds open_max{120'000};  ///< up to this
    std::uint32_t probes = 2;                     ///< at once; as many must succeed

    friend bool operator==(const Options&, const Options&) = default;
  };

  enum class State : std::uint8_t { Closed, Open, HalfOpen };

  /// Leave to make one call; its result is to be recorded with it, as soon as the
  /// provider has shown whether it works: at the first token, not at the last.
  class Permit {
   private:
    friend class CircuitBreaker;
    explicit Permit(std::uint64_t period) : period_(period) {}
    std::uint64_t period_;
  };

  explicit CircuitBreaker(Options options) : options_(options), open_for_(options.open) {}

  /// Nothing while it is open, and while enough probes are out.
  std::optional<Permit> admit(MonotonicTime now);
  /// A result that comes when the state has changed since is not counted.
  void record(Permit permit, CallResult result, MonotonicTime now);

  State state(MonotonicTime now) const;
  /// How long until a probe may be sent; 0 unless it is open.
  std::chrono::milliseconds open_for(MonotonicTime now) const;

 private:
  static constexpr std::size_t Slices = 10;
  struct Slice {
    std::int64_t index = -1;  ///< which slice of all time; an older one counts for nothing
    std::uint32_t failed = 0;
    std::uint32_t calls = 0;
  };

  void enter(State state, MonotonicTime now);
  void count(CallResult result, MonotonicTime now);
  void judge_probe(CallResult result, MonotonicTime now);
  bool fails_too_often(MonotonicTime now) const;
  std::int64_t slice_at(MonotonicTime now) const;

  Options options_;
  State state_ = State::Closed;
  std::uint64_t period_ = 0;  ///< counts the changes of state
  MonotonicTime since_{};
  std::chrono::milliseconds open_for_;
  std::array<Slice, Slices> slices_{};
  std::uint32_t probes_out_ = 0;
  std::uint32_t probes_succeeded_ = 0;
};

}  // namespace vdm::proxy
