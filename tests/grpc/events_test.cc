#include "metrics-service/events/events_server.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>

#include <vdm/metrics/v1/events.grpc.pb.h>

#include "tests/grpc/events_rig.h"

namespace vdm::metrics::events_test {
namespace {

using namespace std::chrono_literals;

std::string text_of(const v1::LiveEvent& event) {
  if (event.has_started()) return "+" + event.started().facts().request_id();
  if (event.has_progressed()) return "~" + event.progressed().request_id();
  if (event.has_ended()) return "-" + event.ended().facts().request_id();
  if (event.has_lost()) return "!" + event.lost().facts().request_id();
  if (event.has_gap()) return "gap";
  return "proxy";
}

/// What one reply says, in a word.
std::string text_of(const v1::SubscribeReply& reply) {
  if (reply.has_snapshot()) return "snapshot of " + std::to_string(reply.snapshot().active_size());
  if (reply.has_heartbeat()) return "heartbeat";
  if (reply.has_reset()) return "reset " + reply.reset().reason();
  return text_of(reply.event());
}

class EventsTest : public EventsRig {
 protected:
  /// A Subscribe call with what the test reads of it.
  struct Subscription {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::SubscribeReply>> reader;
    std::string cursor;

    std::string next() {
      v1::SubscribeReply reply;
      if (!reader->Read(&reply)) return "end";
      cursor = reply.cursor();
      return text_of(reply);
    }
    ~Subscription() {
      context.TryCancel();
      while (reader && next() != "end") {
      }
      if (reader) reader->Finish();
    }
  };
  std::unique_ptr<Subscription> subscribe(const v1::SubscribeRequest& request = {}) {
    auto made = std::make_unique<Subscription>();
    made->context.set_deadline(std::chrono::system_clock::now() + 20s);
    made->reader = stub_->Subscribe(&made->context, request);
    return made;
  }
  /// A connection of its own that takes no more than HTTP/2's least before it is read.
  std::unique_ptr<v1::Events::Stub> slow_reader() const {
    grpc::ChannelArguments small;
    small.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    small.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return v1::Events::NewStub(
        grpc::CreateCustomChannel(address(), grpc::InsecureChannelCredentials(), small));
  }
  static v1::SubscribeRequest after(const std::string& cursor) {
    v1::SubscribeRequest request;
    request.set_cursor(cursor);
    return request;
  }
};

TEST_F(EventsTest, GivesASnapshotAndThenEveryEvent) {
  serve();
  start("a");
  const auto subscription = subscribe();
  ASSERT_EQ(subscription->next(), "snapshot of 1");

  start("b");
  report({Progressed{.request_id = "b", .response_bytes = 5}});
  end("a");

  EXPECT_EQ(subscription->next(), "+b");
  EXPECT_EQ(subscription->next(), "~b");
  EXPECT_EQ(subscription->next(), "-a");
}

TEST_F(EventsTest, StartsWithoutASnapshotWhenAsked) {
  serve();
  start("a");
  v1::SubscribeRequest request;
  request.set_without_snapshot(true);
  const auto subscription = subscribe(request);
  ASSERT_EQ(subscription->next(), "heartbeat");

  end("a");

  EXPECT_EQ(subscription->next(), "-a");
}

TEST_F(EventsTest, ResumesAfterACursorWithoutLossOrRepeat) {
  serve();
  auto first = subscribe();
  ASSERT_EQ(first->next(), "snapshot of 0");
  start("a");
  ASSERT_EQ(first->next(), "+a");
  const std::string cursor = first->cursor;
  first.reset();
  start("b");
  end("a");

  const auto second = subscribe(after(cursor));

  EXPECT_EQ(second->next(), "+b");
  EXPECT_EQ(second->next(), "-a");
}

TEST_F(EventsTest, ResetsACursorOfAnotherEpochAndGivesASnapshot) {
  serve();
  start("a");

  const auto subscription = subscribe(after("other-1"));

  EXPECT_EQ(subscription->next(), "reset epoch");
  EXPECT_EQ(subscription->next(), "snapshot of 1");
}

TEST_F(EventsTest, ResetsACursorThatIsMalformed) {
  serve();
  for (const char* cursor : {"x", "-", "e1-", "e1-1x", "e1-99999999999999999999999"}) {
    const auto subscription = subscribe(after(cursor));

    EXPECT_EQ(subscription->next(), "reset malformed") << cursor;
    EXPECT_EQ(subscription->next(), "snapshot of 0");
  }
}

TEST_F(EventsTest, ResetsACursorThatIsTooOldAndSaysHowMuchWasLost) {
  serve({}, {.epoch = "e1", .events_max = 10});
  for (int i = 0; i < 100; ++i) start("r" + std::to_string(i));
  const auto subscription = subscribe(after("e1-1-1"));

  v1::SubscribeReply reply;
  ASSERT_TRUE(subscription->reader->Read(&reply));

  EXPECT_EQ(reply.reset().reason(), "too_old");
  EXPECT_EQ(reply.reset().lost(), 90u) << "of 101 it was told one, and ten are kept";
  EXPECT_EQ(subscription->next(), "snapshot of 100");
}

TEST_F(EventsTest, CutsALargeSnapshotIntoParts) {
  serve();
  std::vector<Event> events;
  for (int i = 0; i < 2500; ++i) events.push_back(Started{facts("r" + std::to_string(i))});
  report(std::move(events));
  const auto subscription = subscribe();

  EXPECT_EQ(subscription->next(), "snapshot of 1000");
  EXPECT_EQ(subscription->next(), "snapshot of 1000");
  v1::SubscribeReply last;
  ASSERT_TRUE(subscription->reader->Read(&last));

  EXPECT_EQ(last.snapshot().active_size(), 500);
  EXPECT_EQ(last.snapshot().parts_to_come(), 0u);
  EXPECT_EQ(last.snapshot().proxies_size(), 1);
}

TEST_F(EventsTest, GivesOnlyWhatTheFilterAsksFor) {
  serve();
  v1::SubscribeRequest request;
  request.mutable_filter()->add_kinds(v1::EVENT_KIND_ENDED);
  request.mutable_filter()->set_provider("DE*");
  request.mutable_filter()->set_model("ch?t");
  request.mutable_filter()->add_outcomes(v1::OUTCOME_TIMEOUT);
  request.mutable_filter()->set_client_label("ab*");
  request.mutable_filter()->set_proxy("proxy-?");
  const auto subscription = subscribe(request);
  ASSERT_EQ(subscription->next(), "snapshot of 0");

  const auto ended = [](FactsPtr of, Outcome outcome) {
    return Ended{.facts = of, .outcome = outcome};
  };
  report({Started{facts("kind", "demo", "chat", "abc")},
          ended(facts("provider", "other", "chat", "abc"), Outcome::Timeout),
          ended(facts("model", "demo", "chart", "abc"), Outcome::Timeout),
          ended(facts("client", "demo", "chat", "xyz"), Outcome::Timeout),
          ended(facts("outcome", "demo", "chat", "abc"), Outcome::Ok),
          ended(facts("right", "demo", "chat", "abc"), Outcome::Timeout)});

  EXPECT_EQ(subscription->next(), "-right");
}

TEST_F(EventsTest, MatchesAModelByTheNameThatWasAskedForToo) {
  serve();
  v1::SubscribeRequest request;
  request.mutable_filter()->set_model("asked");
  const auto subscription = subscribe(request);
  ASSERT_EQ(subscription->next(), "snapshot of 0");

  start("a");

  EXPECT_EQ(subscription->next(), "+a");
}

TEST_F(EventsTest, RefusesAFilterItDoesNotUnderstand) {
  serve();
  v1::SubscribeRequest request;
  request.mutable_filter()->add_kinds(static_cast<v1::EventKind>(99));
  const auto subscription = subscribe(request);

  ASSERT_EQ(subscription->next(), "end");
  const grpc::Status status = std::exchange(subscription->reader, nullptr)->Finish();

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "filter.kinds: expected known values");
}

TEST_F(EventsTest, SendsHeartbeatsWhileNothingHappens) {
  serve({.heartbeat_interval = 1ms, .check_interval = 1ms});
  const auto subscription = subscribe();

  EXPECT_EQ(subscription->next(), "snapshot of 0");
  EXPECT_EQ(subscription->next(), "heartbeat");
  EXPECT_EQ(subscription->next(), "heartbeat");
}

TEST_F(EventsTest, EndsASubscriberThatDoesNotReadAndNobodyElseNotices) {
  serve();
  const auto slow_stub = slow_reader();
  const auto slow = std::make_unique<Subscription>();
  slow->reader = slow_stub->Subscribe(&slow->context, {});
  ASSERT_EQ(slow->next(), "snapshot of 0");
  const auto other = subscribe();
  ASSERT_EQ(other->next(), "snapshot of 0");

  std::uint64_t read = 0;
  const std::string large(200, 'm');
  for (int round = 0; round < 100; ++round) {
    std::vector<Event> events;
    for (int i = 0; i < 100; ++i) {
      events.push_back(Ended{.facts = facts("r" + std::to_string(round * 100 + i), large, large),
                             .outcome = Outcome::Ok});
    }
    report(std::move(events));
    for (int i = 0; i < 100; ++i) read += other->next().starts_with("-r") ? 1 : 0;
  }
  std::uint64_t slow_read = 0;
  while (slow->next() != "end") ++slow_read;
  const grpc::Status status = std::exchange(slow->reader, nullptr)->Finish();

  EXPECT_EQ(read, 10'000u);
  EXPECT_LT(slow_read, 10'000u);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto trailing = slow->context.GetServerTrailingMetadata();
  ASSERT_EQ(trailing.count("vdm-cursor"), 1u);
  const auto text = trailing.find("vdm-cursor")->second;
  EXPECT_TRUE(Cursor::parse(std::string_view(text.data(), text.size())));
}

TEST_F(EventsTest, EndsASubscriberThatReadsNothingForTooLong) {
  serve({.write_deadline = 50ms, .check_interval = 10ms, .unread_bytes_max = 1u << 30});
  const auto slow_stub = slow_reader();
  const auto slow = std::make_unique<Subscription>();
  slow->reader = slow_stub->Subscribe(&slow->context, {});
  ASSERT_EQ(slow->next(), "snapshot of 0");

  std::vector<Event> events;
  for (int i = 0; i < 1000; ++i) {
    events.push_back(Ended{.facts = facts("r" + std::to_string(i), std::string(200, 'm')),
                           .outcome = Outcome::Ok});
  }
  report(std::move(events));
  while (rig_->on_owner([&] { return server_->subscribers(); }) > 0) {
    rig_->wait_until([] { return false; }, 0s);
  }

  while (slow->next() != "end") {
  }
  EXPECT_FALSE(std::exchange(slow->reader, nullptr)->Finish().ok());
}

TEST_F(EventsTest, AnswersWhatRuns) {
  serve();
  start("a");
  start("b");
  report({Progressed{.request_id = "b", .phase = Phase::Streaming, .usage = {.output_tokens = 7}}});
  grpc::ClientContext context;
  v1::GetActiveRequestsReply reply;

  const grpc::Status status = stub_->GetActiveRequests(&context, {}, &reply);

  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(reply.active_size(), 2);
  EXPECT_EQ(reply.total(), 2u);
  EXPECT_EQ(reply.active(0).facts().request_id(), "b");
  EXPECT_EQ(reply.active(0).progress().usage().output_tokens(), 7u);
  EXPECT_EQ(reply.active(0).proxy(), "proxy-1");
}

TEST_F(EventsTest, AnswersTotalsByProviderAndModel) {
  serve();
  report({Ended{.facts = facts("a", "demo", "chat"), .outcome = Outcome::Ok},
          Ended{.facts = facts("b", "demo", "fast"), .outcome = Outcome::UpstreamError},
          Ended{.facts = facts("c", "other", "chat"), .outcome = Outcome::Ok}});
  v1::GetRunningTotalsRequest request;
  request.set_provider("d*");
  grpc::ClientContext context;
  v1::GetRunningTotalsReply reply;

  const grpc::Status status = stub_->GetRunningTotals(&context, request, &reply);

  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(reply.rows_size(), 3);
  EXPECT_EQ(reply.rows(0).model(), "");
  EXPECT_EQ(reply.rows(0).total().requests(), 2u);
  EXPECT_EQ(reply.rows(2).model(), "fast");
  EXPECT_EQ(reply.summary().errors(), 1u);
}

TEST_F(EventsTest, AnswersTracesNewestFirstAndErrorsAlone) {
  serve();
  end("a");
  report({Ended{.facts = facts("b"), .outcome = Outcome::Timeout}});
  grpc::ClientContext first;
  grpc::ClientContext second;
  v1::GetTracesReply all;
  v1::GetTracesReply errors;
  v1::GetTracesRequest errors_only;
  errors_only.set_errors_only(true);

  ASSERT_TRUE(stub_->GetTraces(&first, {}, &all).ok());
  ASSERT_TRUE(stub_->GetTraces(&second, errors_only, &errors).ok());

  ASSERT_EQ(all.traces_size(), 2);
  EXPECT_EQ(all.traces(0).ended().facts().request_id(), "b");
  ASSERT_EQ(errors.traces_size(), 1);
  EXPECT_EQ(errors.traces(0).ended().outcome(), v1::OUTCOME_TIMEOUT);
}

TEST_F(EventsTest, AnswersHowItStands) {
  serve({.version = "1.2.3"});
  start("a");
  end("b");
  degrade();
  const auto subscription = subscribe();
  ASSERT_EQ(subscription->next(), "snapshot of 1");
  grpc::ClientContext context;
  v1::GetStatusReply reply;

  ASSERT_TRUE(stub_->GetStatus(&context, {}, &reply).ok());

  EXPECT_EQ(reply.version(), "1.2.3");
  EXPECT_EQ(reply.started(), reply.ended() + reply.lost() + reply.active());
  EXPECT_EQ(reply.active(), 1u);
  EXPECT_EQ(reply.subscribers(), 1u);
  ASSERT_EQ(reply.proxies_size(), 1);
  EXPECT_EQ(reply.proxies(0).state(), v1::PROXY_STATE_CONNECTED);
  EXPECT_EQ(reply.degraded(0), "the disk is full");
}

TEST_F(EventsTest, RefusesToCancelUnlessAllowed) {
  serve();
  start("a");
  v1::CancelRequestRequest request;
  request.set_request_id("a");
  grpc::ClientContext context;
  v1::CancelRequestReply reply;

  const grpc::Status status = stub_->CancelRequest(&context, request, &reply);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(EventsTest, CancelsWhatRunsAndNothingElse) {
  std::string cancelled;
  serve({.cancel_allowed = true, .cancel = [&](std::string_view instance, std::string_view id) {
           cancelled = std::string(instance) + " " + std::string(id);
           return true;
         }});
  start("a");
  v1::CancelRequestReply reply;
  v1::CancelRequestRequest known;
  known.set_request_id("a");
  v1::CancelRequestRequest unknown;
  unknown.set_request_id("b");
  grpc::ClientContext first;
  grpc::ClientContext second;

  EXPECT_TRUE(stub_->CancelRequest(&first, known, &reply).ok());
  EXPECT_EQ(stub_->CancelRequest(&second, unknown, &reply).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(cancelled, "instance-1 a");
}

TEST_F(EventsTest, AsksForTheKeyOnEveryCall) {
  serve(guarded_by("secret-key"));
  const std::vector<std::pair<std::string, std::string>> tries{
      {"", ""}, {"x-api-key", "wrong"}, {"authorization", "Bearer wrong"}, {"x-api-key", ""}};
  for (const auto& [name, value] : tries) {
    grpc::ClientContext query;
    const auto subscription = std::make_unique<Subscription>();
    for (grpc::ClientContext* context : {&query, &subscription->context}) {
      if (!name.empty()) context->AddMetadata(name, value);
    }
    v1::GetStatusReply reply;
    subscription->reader = stub_->Subscribe(&subscription->context, {});

    EXPECT_EQ(stub_->GetStatus(&query, {}, &reply).error_code(), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(subscription->next(), "end");
    EXPECT_EQ(std::exchange(subscription->reader, nullptr)->Finish().error_code(),
              grpc::StatusCode::UNAUTHENTICATED);
  }
}

TEST_F(EventsTest, TakesTheKeyInEitherHeader) {
  serve(guarded_by("secret-key"));
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"x-api-key", "secret-key"}, {"authorization", "Bearer secret-key"}}) {
    grpc::ClientContext context;
    context.AddMetadata(name, value);
    v1::GetStatusReply reply;

    EXPECT_TRUE(stub_->GetStatus(&context, {}, &reply).ok()) << name;
  }
}

TEST_F(EventsTest, RefusesEveryKeyFromWhereTooManyWereWrong) {
  serve(guarded_by("secret-key"));
  const auto asked_with = [&](const std::string& key) {
    grpc::ClientContext context;
    context.AddMetadata("x-api-key", key);
    v1::GetStatusReply reply;
    return stub_->GetStatus(&context, {}, &reply).error_code();
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(asked_with("guess"), grpc::StatusCode::UNAUTHENTICATED);

  EXPECT_EQ(asked_with("guess"), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(asked_with("secret-key"), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(EventsTest, SaysSoWhenItsPortIsTaken) {
  serve();
  const std::string taken = "127.0.0.1:" + std::to_string(server_->port());

  const auto second =
      EventsServer::start(rig_->executor(), rig_->pipeline, rig_->clock, {.address = taken});

  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().message,
            "cannot listen on " + taken +
                ": the port is in use; stop the program that has it or choose another port");
}

}  // namespace
}  // namespace vdm::metrics::events_test
