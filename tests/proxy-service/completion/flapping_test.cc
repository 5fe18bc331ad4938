#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <optional>

#include <poll.h>

#include "tests/fakes/manual_clock.h"
#include "tests/proxy-service/serve/gateway_in_front.h"

// A provider that is up for five seconds and down for five, over a minute of a clock that
// the test moves: in each tenth of a second every client that waits for nothing asks.

namespace vdm::proxy::flapping_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::SteppedUpstream;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds Beat{100};
constexpr milliseconds Phase{5'000};
constexpr milliseconds Minute{60'000};

/// Speaks OpenAI's dialect. After the minute it stays up.
class FlappingUpstream {
 public:
  enum class Faults : std::uint8_t {
    BeforeFirstByte,
    Any,  ///< a stream that breaks off as well
  };

  FlappingUpstream(const Clock& clock, Faults faults)
      : clock_(clock),
        faults_(faults),
        begun_(clock.monotonic()),
        upstream_([this](Peer& peer, int) { serve(peer); }) {}

  std::uint16_t port() const { return upstream_.port(); }
  milliseconds age() const {
    return std::chrono::duration_cast<milliseconds>(clock_.monotonic() - begun_);
  }
  bool is_up() const { return age() >= Minute || age() / Phase % 2 == 0; }
  std::size_t asked_while_down() const { return asked_while_down_; }

 private:
  void serve(Peer& peer) {
    for (;;) {
      const Message request = peer.read_message();
      if (!request.complete) return;
      const bool streams = request.body.find("\"stream\":true") != std::string::npos;
      if (is_up()) {
        peer.send(good(Dialect::OpenAi, streams ? Shape::Stream : Shape::Whole));
      } else if (!fails(peer, streams)) {
        return;
      }
    }
  }
  /// False when the connection is gone.
  bool fails(Peer& peer, bool streams) {
    const std::size_t kind = asked_while_down_++ % 3;
    if (kind == 1) return peer.reset(), false;
    if (kind == 0 || !streams || faults_ == Faults::BeforeFirstByte) {
      return peer.send(fakes::whole_answer(kind == 0 ? 503 : 500,
                                           error_said(Dialect::OpenAi, "server_error", "down")));
    }
    peer.send(fakes::stream_head() + fakes::chunk(stream_begin(Dialect::OpenAi)));
    return peer.close(), false;
  }

  const Clock& clock_;
  const Faults faults_;
  const MonotonicTime begun_;
  std::atomic<std::size_t> asked_while_down_{0};
  FakeUpstream upstream_;  // its threads end before what they use
};

enum class Received : std::uint8_t { Answer, Refusal, BrokenStream, Nonsense };

Received received_in(const Pair& pair, const Message& message) {
  const bool whole = message.complete && reported_in(pair, message.body).text == "Hello there" &&
                     (!pair.streams() || ends_well(pair.client, message.body));
  if (message.status() == 200 && whole) return Received::Answer;
  if (message.status() == 200) {
    const bool broken = pair.streams() && is_sound(message.body) &&
                        errors_in(pair.client, message.body) == 1 &&
                        !says_end(pair.client, message.body);
    return broken ? Received::BrokenStream : Received::Nonsense;
  }
  const bool refused = message.status() >= 500 && !error_type_in(pair.client, message.body).empty();
  return refused ? Received::Refusal : Received::Nonsense;
}

struct Caller {
  Pair pair;
  std::optional<Peer> waits{};
};

class Flapping : public GatewayInFront {
 protected:
  using Faults = FlappingUpstream::Faults;

  // It goes by the clock to its end.
  ~Flapping() override { gateway_.reset(); }

  /// What a beat waits for: without pauses before a retry all answers come by themselves;
  /// with them time has to go on.
  enum class Pauses : std::uint8_t { None, AsUsual };

  RunningGateway& in_front_of_flapping(Faults faults) {
    upstream_ = std::make_unique<FlappingUpstream>(clock_, faults);
    in_front_of(upstream_->port());
    return alike();
  }
  RunningGateway& alike() {
    gateway_->clock = &clock_;
    gateway_->config.retry.backoff_first = gateway_->config.retry.backoff_max = milliseconds(0);
    return with_retries(2);
  }
  /// Out for a second, then for two at most.
  void soon_tried_again() {
    gateway_->config.breaker.window = seconds(2);
    gateway_->config.breaker.open = seconds(1);
    gateway_->config.breaker.open_max = seconds(2);
  }

  /// All who wait for nothing ask; what comes of it is counted.
  void beat(std::string_view model, Pauses pauses = Pauses::None) {
    clock_.advance(Beat);
    for (Caller& caller : callers_) {
      if (caller.waits) continue;
      caller.waits = gateway_->client();
      caller.waits->send(ask(caller.pair, model));
      ++asked_;
    }
    take_answers(pauses == Pauses::None ? 10'000 : 10);
  }
  void take_answers(int patience_ms) {
    for (;;) {
      std::vector<pollfd> ready;
      for (const Caller& caller : callers_) {
        ready.push_back({caller.waits ? caller.waits->descriptor() : -1, POLLIN, 0});
      }
      const bool any_waits = std::ranges::any_of(callers_, [](auto& each) { return !!each.waits; });
      if (!any_waits || ::poll(ready.data(), ready.size(), patience_ms) <= 0) return;
      for (std::size_t i = 0; i < ready.size(); ++i) {
        if (ready[i].revents == 0) continue;
        const Message message = callers_[i].waits->read_message();
        const Received received = received_in(callers_[i].pair, message);
        EXPECT_NE(received, Received::Nonsense)
            << name_of(callers_[i].pair) << message.head << message.body;
        ++received_[received];
        if (received != Received::Answer) last_failure_ = upstream_->age();
        callers_[i].waits.reset();
      }
    }
  }

  /// One Started and one Ended for each, right in what they say.
  std::vector<Ended> all_ended() {
    auto ends = gateway_->sink.wait_for<Ended>(asked_);
    EXPECT_EQ(gateway_->sink.all<Started>().size(), asked_);
    EXPECT_EQ(ends.size(), asked_);
    std::size_t well = 0;
    for (const Ended& end : ends) {
      const bool broke_off = end.http_status == 200 && end.outcome != Outcome::Ok;
      if (end.outcome == Outcome::Ok) ++well;
      EXPECT_EQ(end.usage.input_tokens, end.outcome == Outcome::Ok ? 9u : 0u);
      EXPECT_EQ(end.usage.output_tokens, end.outcome == Outcome::Ok ? 5u : broke_off ? 2u : 0u);
      EXPECT_EQ(end.usage.output_estimated, broke_off);
      EXPECT_LE(end.duration, gateway_->config.retry.time_max);
    }
    EXPECT_EQ(well, received_[Received::Answer]);
    return ends;
  }

  /// What the provider was sent beyond one for each request. A kept connection that turns out
  /// to be closed is replaced, which is no retry.
  static std::size_t retries_in(const std::vector<Ended>& ends, std::string_view provider) {
    std::size_t retries = 0;
    for (const Ended& end : ends) {
      const auto sent = std::ranges::count_if(end.attempts, [provider](const Attempt& each) {
        const bool replaced = each.connection_reused && each.http_status == 0;
        return each.provider == provider && !replaced;
      });
      if (sent > 0) retries += static_cast<std::size_t>(sent) - 1;
    }
    return retries;
  }
  std::size_t budget() const {
    const RetryLimits& limits = gateway_->config.retry;
    return limits.budget_burst + asked_ * limits.budget_percent / 100;
  }
  static std::size_t refused_by_breaker(const std::vector<Ended>& ends) {
    return static_cast<std::size_t>(std::ranges::count(ends, "breaker_open", &Ended::error_type));
  }

  ManualClock clock_;
  std::unique_ptr<FlappingUpstream> upstream_;
  std::array<Caller, 4> callers_{Caller{{Dialect::Anthropic, Dialect::OpenAi, Shape::Whole}},
                                 Caller{{Dialect::Anthropic, Dialect::OpenAi, Shape::Stream}},
                                 Caller{{Dialect::OpenAi, Dialect::OpenAi, Shape::Whole}},
                                 Caller{{Dialect::OpenAi, Dialect::OpenAi, Shape::Stream}}};
  std::size_t asked_ = 0;
  std::map<Received, std::size_t> received_;
  milliseconds last_failure_{0};
};

TEST_F(Flapping, TellsEveryClientTheAnswerOrAnErrorOfItsDialectForAMinute) {
  in_front_of_flapping(Faults::Any);
  soon_tried_again();
  gateway_->start();

  while (upstream_->age() < Minute) {
    beat("open:x");
    // Out for two seconds at most, then two beats for the probes and the clock's tick.
    const milliseconds into_phase = upstream_->age() % Phase;
    const bool recovered = upstream_->is_up() && into_phase > seconds(2) + 3 * Beat;
    if (recovered) {
      EXPECT_LT(last_failure_, upstream_->age());
    }
  }

  const auto ends = all_ended();
  EXPECT_EQ(asked_, callers_.size() * (Minute / Beat));
  EXPECT_GT(received_[Received::BrokenStream], 0u);
  EXPECT_GT(refused_by_breaker(ends), 0u);
  EXPECT_LE(retries_in(ends, "open"), budget());
  EXPECT_GT(retries_in(ends, "open"), 0u);
  // It is up for half of the time, and missed for less than half of that.
  EXPECT_GT(received_[Received::Answer], asked_ / 4);
}

TEST_F(Flapping, IsTriedAgainWithinTheLongestOpenTimeOnceTheProviderStaysUp) {
  in_front_of_flapping(Faults::BeforeFirstByte).start();
  while (upstream_->age() < Minute) beat("open:x");
  const std::size_t answers = received_[Received::Answer];

  while (received_[Received::Answer] == answers && upstream_->age() < 4 * Minute) beat("open:x");
  const milliseconds recovered_at = upstream_->age();
  for (int i = 0; i < 2; ++i) beat("open:x");
  const milliseconds failed_last_at = last_failure_;
  for (int i = 0; i < 50; ++i) beat("open:x");

  EXPECT_LE(recovered_at, Minute + gateway_->config.breaker.open_max + 2 * Beat);
  EXPECT_EQ(last_failure_, failed_last_at);
  const auto ends = all_ended();
  EXPECT_GT(refused_by_breaker(ends), 0u);
  EXPECT_LE(retries_in(ends, "open"), budget());
}

TEST_F(Flapping, IsRetriedWithinTheBudgetWhereNoBreakerKeepsRequestsBack) {
  in_front_of_flapping(Faults::BeforeFirstByte).config.breaker.failure_percent = 0;
  gateway_->start();

  while (upstream_->age() < Minute) beat("open:x");

  const auto ends = all_ended();
  EXPECT_EQ(refused_by_breaker(ends), 0u);
  EXPECT_LE(retries_in(ends, "open"), budget());
  EXPECT_GT(retries_in(ends, "open"), budget() / 2);
}

TEST_F(Flapping, WaitsBeforeRetriesWithoutLosingAClient) {
  in_front_of_flapping(Faults::Any);
  soon_tried_again();
  gateway_->config.retry = {};
  gateway_->start();

  while (upstream_->age() < Minute) beat("open:x", Pauses::AsUsual);
  const auto waits = [](const Caller& caller) { return caller.waits.has_value(); };
  while (std::ranges::any_of(callers_, waits) && upstream_->age() < 2 * Minute) {
    clock_.advance(Beat);
    take_answers(10);
  }

  EXPECT_TRUE(std::ranges::none_of(callers_, waits));
  const auto ends = all_ended();
  EXPECT_LE(retries_in(ends, "open"), budget());
  EXPECT_GT(received_[Received::Answer], 0u);
}

TEST_F(Flapping, IsNotNoticedByClientsWhoseModelHasAFallback) {
  upstream_ = std::make_unique<FlappingUpstream>(clock_, Faults::BeforeFirstByte);
  FakeUpstream steady([](Peer& peer, int) {
    for (;;) {
      const Message request = peer.read_message();
      const bool streams = request.body.find("\"stream\":true") != std::string::npos;
      const Shape shape = streams ? Shape::Stream : Shape::Whole;
      if (!request.complete || !peer.send(good(Dialect::Anthropic, shape))) return;
    }
  });
  in_front_of(upstream_->port(), Dialect::OpenAi, steady.port(), Dialect::Anthropic);
  alike();
  soon_tried_again();
  gateway_->start();

  while (upstream_->age() < Minute) beat("m");

  EXPECT_EQ(received_[Received::Answer], asked_);
  const auto ends = all_ended();
  EXPECT_LE(retries_in(ends, "first"), budget());
  const auto by_first = static_cast<std::size_t>(
      std::ranges::count(ends, "first", [](const Ended& end) { return end.facts->provider; }));
  EXPECT_GT(by_first, asked_ / 4);                       // it is not given up for good
  EXPECT_LT(upstream_->asked_while_down(), asked_ / 4);  // nor asked for all of the other half
}

}  // namespace
}  // namespace vdm::proxy::flapping_test
