#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "proxy-service/events/report_log.h"
#include "tests/fakes/failing_new.h"
#include "tests/proxy-service/completion/dialect_pairs.h"
#include "tests/proxy-service/serve/running_gateway.h"

// What is thrown inside the gateway is a 500 of its own or, in a stream, its last event; nobody
// else is concerned. Thrown at every place in turn: where memory is asked for, and where time is.

namespace vdm::proxy::fault_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;

/// The machine's time. Marks the threads that ask for it, which are the gateway's, and throws
/// once where it is told to: no std::exception.
class FailingClock final : public Clock {
 public:
  MonotonicTime monotonic() const override {
    if (marks) fakes::count_this_thread();
    if (left.load() >= 0 && left.fetch_sub(1) == 0) throw 42;
    return clock_.monotonic();
  }
  SystemTime wall() const override { return clock_.wall(); }

  std::atomic<bool> marks{false};
  mutable std::atomic<int> left{-1};

 private:
  SystemClock clock_;
};

/// What of the requests has been recorded.
struct Reported {
  std::size_t started = 0;
  std::size_t rejected_at_once = 0;  ///< before a route was found: these have no start
  std::vector<Ended> ended;
  DroppedCounts dropped;
};

Reported reported_to(EventQueue& queue) {
  Reported reported;
  ReportLog log(queue, {});
  log.take();
  log.open(0, std::uint64_t{1} << 40);
  ReportLog::Batch batch;
  while (log.next_batch(batch)) {
    for (const Event* event : batch.events) {
      if (std::holds_alternative<Started>(*event)) ++reported.started;
      const auto* ended = std::get_if<Ended>(event);
      if (ended == nullptr) continue;
      reported.ended.push_back(*ended);
      reported.ended.back().facts = std::make_shared<const RequestFacts>(*ended->facts);
      if (ended->error_type == "invalid_request") ++reported.rejected_at_once;
    }
  }
  reported.dropped = log.dropped();
  return reported;
}

struct Asked {
  std::string name;
  std::string request;
  int status = 200;  ///< when nothing fails
  Dialect client = Dialect::Anthropic;
};

Asked completion(const Pair& pair, std::string request, std::string_view also = "") {
  return {.name = name_of(pair).append(also), .request = std::move(request), .client = pair.client};
}

std::vector<Asked> all_asked() {
  std::vector<Asked> all;
  for (const Pair& pair : all_pairs()) {
    all.push_back(completion(pair, ask(pair)));
  }
  const std::string_view body = AnthropicRequest;
  all.push_back(completion(Pair{},
                           "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n"
                           "content-type: application/json\r\n"
                           "transfer-encoding: chunked\r\n\r\n" +
                               fakes::chunk(body) + "0\r\n\r\n",
                           "InChunks"));
  all.push_back({"Count", post("/v1/messages/count_tokens", body)});
  all.push_back({"Models", get("/v1/models"), 200, Dialect::OpenAi});
  all.push_back({"Aliases", get("/v1/aliases"), 200, Dialect::OpenAi});
  all.push_back({"Health", get("/health"), 200, Dialect::OpenAi});
  all.push_back({"NoPath", get("/nothing"), 404, Dialect::OpenAi});
  all.push_back({"NoJson", post("/v1/messages", "[1,"), 400});
  all.push_back({"NoHead", "GET / HTTP/3.0\r\n\r\n", 505});
  return all;
}

/// Answers whatever it is asked, in the dialect and shape it is asked for.
FakeUpstream::Script answer_all() {
  return [](fakes::Peer& peer, int) {
    for (;;) {
      const Message request = peer.read_message();
      if (!request.complete) return;
      const bool streams = request.body.find("\"stream\":true") != std::string::npos;
      const bool open = request.first_line().find("/chat/completions") != std::string::npos;
      std::string answer =
          good(open ? Dialect::OpenAi : Dialect::Anthropic, streams ? Shape::Stream : Shape::Whole);
      if (request.first_line().find("count_tokens") != std::string::npos) {
        answer = fakes::whole_answer(200, R"({"input_tokens":7})");
      } else if (request.first_line().find("/models") != std::string::npos) {
        answer = fakes::whole_answer(200, R"({"data":[{"id":"m"}]})");
      }
      if (!peer.send(answer)) return;
    }
  };
}

class FaultTest : public ::testing::TestWithParam<Asked> {
 protected:
  FaultTest() : upstream_(answer_all()), gateway_(upstream_.port()) {
    gateway_.clock = &clock_;
    gateway_.other_sink = &queue_;
    gateway_.config.limits.connections_max = 4;  // one that is not counted back is missed
    gateway_.on_one_thread().start();
    clock_.marks = true;
    EXPECT_TRUE(is_ready());
  }
  ~FaultTest() override { fakes::stop_failing(); }

  /// Asks on a connection that lives as long as the gateway. What came before has been done by
  /// then: there is one thread.
  bool is_ready() {
    if (!other_) other_.emplace(gateway_.client());
    other_->send(get("/health/ready"));
    return other_->read_message().status() == 200;
  }

  /// Whether the client was told of the fault; by what it was told, and by what was reported.
  bool is_told(const Message& answer, const Reported& reported) {
    const Asked& asked = GetParam();
    const std::size_t errors = errors_in(asked.client, answer.body);
    const bool as_event = answer.status() == 200 && errors > 0;
    if (answer.status() == 500) {
      EXPECT_TRUE(answer.complete);
      EXPECT_EQ(error_type_in(asked.client, answer.body),
                asked.client == Dialect::OpenAi ? "server_error" : "api_error");
      EXPECT_TRUE(answer.field("x-request-id").has_value()) << answer.head;
      EXPECT_EQ(answer.field("connection"), "close");
    } else if (as_event) {
      EXPECT_TRUE(answer.complete) << answer.body;
      EXPECT_EQ(errors, 1u) << answer.body;
      EXPECT_TRUE(is_sound(answer.body));
      EXPECT_FALSE(says_end(asked.client, answer.body)) << answer.body;
    } else if (!answer.head.empty()) {
      EXPECT_EQ(answer.status(), asked.status) << answer.body;
    }
    const bool told = answer.status() == 500 || as_event;
    EXPECT_EQ(reported.started + reported.rejected_at_once + reported.dropped.started,
              reported.ended.size() + reported.dropped.ended);
    if (told && !reported.ended.empty()) {
      const Ended& ended = reported.ended.at(0);
      EXPECT_EQ(ended.outcome, Outcome::Rejected);
      EXPECT_EQ(ended.error_type, "internal");
      EXPECT_EQ(ended.http_status, static_cast<std::uint32_t>(answer.status()));
    }
    return told;
  }

  /// Asks until no fault is met any more, each time with one a place further on.
  /// How many were told.
  int ask_with_each(const std::function<void(int)>& arm, const std::function<bool()>& met) {
    int told = 0;
    int silent = 0;
    bool more = true;
    for (int place = 0; more && place < PlacesMax; ++place) {
      SCOPED_TRACE("place " + std::to_string(place));
      arm(place);
      auto client = gateway_.client();
      client.send(GetParam().request);
      const Message answer = client.read_message();
      more = met();
      client.close();
      EXPECT_TRUE(is_ready());
      const Reported reported = reported_to(queue_);
      told += is_told(answer, reported) ? 1 : 0;
      silent += answer.head.empty() ? 1 : 0;
      if (HasFailure()) break;
    }
    EXPECT_FALSE(more) << "more than " << PlacesMax << " places";
    // Where there is no memory for a connection, or a word.
    EXPECT_LE(silent, SilentMax);
    return told;
  }

  static constexpr int PlacesMax = 3000;
  static constexpr int SilentMax = 12;

  FailingClock clock_;
  EventQueue queue_;
  FakeUpstream upstream_;
  RunningGateway gateway_;
  std::optional<fakes::Peer> other_;
};

TEST_P(FaultTest, OfMemoryIsToldToItsClientAloneWhereverItHappens) {
  const auto arm = [](int place) { fakes::fail_allocation(place); };

  EXPECT_GT(ask_with_each(arm, [] { return fakes::stop_failing(); }), 0);
}

TEST_P(FaultTest, OfAnyOtherKindIsToldToItsClientAloneWhereverItHappens) {
  const auto arm = [this](int place) { clock_.left = place; };
  const int told = ask_with_each(arm, [this] { return clock_.left.exchange(-1) < 0; });

  EXPECT_GT(told, 0);
}

INSTANTIATE_TEST_SUITE_P(Gateway, FaultTest, ::testing::ValuesIn(all_asked()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace vdm::proxy::fault_test
