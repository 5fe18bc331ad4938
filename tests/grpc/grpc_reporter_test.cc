#include "proxy-service/events/grpc_reporter.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <queue>
#include <string>
#include <utility>

#include <grpcpp/grpcpp.h>

#include <vdm/metrics/v1/ingest.grpc.pb.h>

#include "common/base/digest.h"

namespace vdm::proxy::grpc_reporter_test {
namespace {

using namespace std::chrono_literals;
namespace v1 = metrics::v1;

using Stream = grpc::ServerReaderWriter<v1::ReportReply, v1::ReportRequest>;

/// A metrics service that plays one script per stream, on a real port. A script ends its stream
/// with the status it returns; streams beyond the last script are kept open and silent.
class ScriptedIngest final : public v1::Ingest::Service {
 public:
  using Script = std::function<grpc::Status(Stream&)>;

  explicit ScriptedIngest(std::vector<Script> scripts) {
    for (Script& script : scripts) scripts_.push(std::move(script));
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~ScriptedIngest() override { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  grpc::Status Report(grpc::ServerContext*, Stream* stream) override {
    if (const Script script = next_script()) return script(*stream);
    v1::ReportRequest ignored;
    while (stream->Read(&ignored)) {
    }
    return grpc::Status::OK;
  }

 private:
  Script next_script() {
    const std::lock_guard lock(mutex_);
    if (scripts_.empty()) return nullptr;
    Script script = std::move(scripts_.front());
    scripts_.pop();
    return script;
  }

  std::mutex mutex_;
  std::queue<Script> scripts_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

void welcome(Stream& stream, std::uint64_t committed = 0) {
  v1::ReportReply reply;
  reply.mutable_welcome()->set_last_committed_seq(committed);
  reply.mutable_welcome()->set_credit_bytes(1 << 20);
  stream.Write(reply);
}
void acknowledge(Stream& stream, std::uint64_t seq) {
  v1::ReportReply reply;
  reply.mutable_ack()->set_committed_seq(seq);
  reply.mutable_ack()->set_credit_bytes(1 << 20);
  stream.Write(reply);
}
/// The next message of which `is` holds; others are passed over.
v1::ReportRequest next(Stream& stream, bool (v1::ReportRequest::*is)() const) {
  v1::ReportRequest request;
  while (stream.Read(&request) && !(request.*is)()) {
  }
  return request;
}

FactsPtr facts(std::string id) {
  RequestFacts made;
  made.request_id = std::move(id);
  made.provider = "demo";
  return std::make_shared<const RequestFacts>(std::move(made));
}
Event ended(std::string id) { return Ended{.facts = facts(std::move(id)), .outcome = Outcome::Ok}; }

ReporterOptions options_for(const ScriptedIngest& service) {
  return {.address = service.address(),
          .instance_id = "instance-1",
          .proxy_name = "proxy-1",
          .version = "1.2.3",
          .heartbeat_interval = 20ms,
          .snapshot_interval = 20ms,
          .reconnect_min = 1ms,
          .reconnect_max = 10ms};
}

TEST(GrpcReporter, IntroducesItselfFirst) {
  std::promise<v1::ReportRequest> first;
  ScriptedIngest service({[&](Stream& stream) {
    v1::ReportRequest request;
    stream.Read(&request);
    first.set_value(request);
    return grpc::Status::OK;
  }});
  SystemClock clock;
  EventQueue queue;
  const GrpcReporter reporter(queue, options_for(service), clock);

  const v1::Hello hello = first.get_future().get().hello();

  EXPECT_EQ(hello.instance_id(), "instance-1");
  EXPECT_EQ(hello.proxy_name(), "proxy-1");
  EXPECT_EQ(hello.protocol(), 1u);
  EXPECT_EQ(hello.version(), "1.2.3");
  EXPECT_EQ(hello.oldest_unacked_seq(), 1u);
  EXPECT_GT(hello.boot_unix_us(), 0);
}

TEST(GrpcReporter, IsKnownAgainByASecretOfItsProcess) {
  std::promise<std::string> first;
  std::promise<std::string> second;
  const auto hear = [](std::promise<std::string>& said) {
    return [&said](Stream& stream) {
      v1::ReportRequest request;
      stream.Read(&request);
      said.set_value(request.hello().secret());
      return grpc::Status::OK;
    };
  };
  ScriptedIngest service({hear(first), hear(second)});
  std::promise<std::string> of_another;
  ScriptedIngest other_service({hear(of_another)});
  SystemClock clock;
  EventQueue queue;
  EventQueue other_queue;
  const GrpcReporter reporter(queue, options_for(service), clock);
  const GrpcReporter other(other_queue, options_for(other_service), clock);

  const std::string secret = first.get_future().get();

  EXPECT_EQ(secret.size(), 64u);
  EXPECT_EQ(second.get_future().get(), secret);
  EXPECT_NE(of_another.get_future().get(), secret);
}

TEST(GrpcReporter, SaysNothingOfRequestsBeforeItIsWelcome) {
  std::promise<bool> silent;
  ScriptedIngest service({[&](Stream& stream) {
    v1::ReportRequest request;
    stream.Read(&request);
    welcome(stream);
    stream.Read(&request);  // nothing was on its way: what comes now answers the welcome
    silent.set_value(request.has_heartbeat() || request.has_active_snapshot());
    return grpc::Status::OK;
  }});
  SystemClock clock;
  EventQueue queue;
  queue.record(ended("a"));
  const GrpcReporter reporter(queue, options_for(service), clock);

  EXPECT_TRUE(silent.get_future().get());
}

TEST(GrpcReporter, GivesUpWhatIsRefusedForEverAndGoesOn) {
  std::promise<v1::Batch> after;
  ScriptedIngest service(
      {[](Stream& stream) {
         welcome(stream);
         next(stream, &v1::ReportRequest::has_batch);
         return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "batch.events[0]: refused");
       },
       [&](Stream& stream) {
         welcome(stream);
         const v1::Batch batch = next(stream, &v1::ReportRequest::has_batch).batch();
         acknowledge(stream, 1);
         after.set_value(batch);
         next(stream, &v1::ReportRequest::has_hello);  // until the reporter goes
         return grpc::Status::OK;
       }});
  SystemClock clock;
  EventQueue queue;
  queue.record(ended("a"));
  GrpcReporter reporter(queue, options_for(service), clock);

  const v1::Batch batch = after.get_future().get();

  EXPECT_EQ(batch.first_seq(), 1u);
  EXPECT_EQ(batch.events(0).gap().ended_count(), 1u);
  EXPECT_TRUE(reporter.flush(20s));
  EXPECT_EQ(reporter.status().dropped.ended, 1u);
}

TEST(GrpcReporter, KeepsItsEventsWhenTheServiceSpeaksAnotherProtocol) {
  std::promise<v1::Batch> after;
  ScriptedIngest service({[](Stream&) {
                            return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION,
                                                "hello.protocol: expected 2, got 1");
                          },
                          [&](Stream& stream) {
                            welcome(stream);
                            after.set_value(next(stream, &v1::ReportRequest::has_batch).batch());
                            return grpc::Status::OK;
                          }});
  SystemClock clock;
  EventQueue queue;
  queue.record(ended("a"));
  const GrpcReporter reporter(queue, options_for(service), clock);

  EXPECT_EQ(after.get_future().get().events(0).ended().facts().request_id(), "a");
}

TEST(GrpcReporter, SendsAHeartbeatAndTheIdsOfWhatRunsAlsoWhenIdle) {
  std::promise<v1::Heartbeat> heartbeat;
  std::promise<v1::ActiveSnapshot> snapshot;
  ScriptedIngest service({[&](Stream& stream) {
    welcome(stream);
    next(stream, &v1::ReportRequest::has_batch);
    acknowledge(stream, 1);
    heartbeat.set_value(next(stream, &v1::ReportRequest::has_heartbeat).heartbeat());
    snapshot.set_value(next(stream, &v1::ReportRequest::has_active_snapshot).active_snapshot());
    return grpc::Status::OK;
  }});
  SystemClock clock;
  EventQueue queue;
  queue.record(Started{facts("a")});
  ReporterOptions options = options_for(service);
  options.rejections_unlisted = [] { return std::uint64_t{17}; };
  const GrpcReporter reporter(queue, std::move(options), clock);

  const v1::Heartbeat beat = heartbeat.get_future().get();
  const v1::ActiveSnapshot list = snapshot.get_future().get();

  EXPECT_EQ(beat.as_of_seq(), 1u);
  EXPECT_EQ(beat.active_count(), 1u);
  EXPECT_EQ(beat.active_hash(), fnv1a_64("a"));
  EXPECT_EQ(beat.rejections_unlisted(), 17u);
  EXPECT_EQ(list.as_of_seq(), 1u);
  EXPECT_TRUE(list.last());
  ASSERT_EQ(list.requests_size(), 1);
  EXPECT_EQ(list.requests(0).request_id(), "a");
  EXPECT_FALSE(list.requests(0).has_facts());
}

TEST(GrpcReporter, SendsFactsAndProgressWhenTheServiceAsks) {
  std::promise<v1::ActiveRequest> listed;
  ScriptedIngest service({[&](Stream& stream) {
    welcome(stream);
    next(stream, &v1::ReportRequest::has_batch);
    v1::ReportReply ask;
    ask.mutable_command()->mutable_send_active_snapshot();
    stream.Write(ask);
    v1::ActiveSnapshot list;
    while (list.requests_size() == 0 || !list.requests(0).has_facts()) {
      list = next(stream, &v1::ReportRequest::has_active_snapshot).active_snapshot();
    }
    listed.set_value(list.requests(0));
    return grpc::Status::OK;
  }});
  SystemClock clock;
  EventQueue queue;
  const StartRef start = queue.record(Started{facts("a")});
  queue.record(Progressed{.request_id = "a", .response_bytes = 7}, start);
  const GrpcReporter reporter(queue, options_for(service), clock);

  const v1::ActiveRequest request = listed.get_future().get();

  EXPECT_EQ(request.facts().provider(), "demo");
  EXPECT_EQ(request.progress().response_bytes(), 7u);
}

TEST(GrpcReporter, ConnectsAgainWhenTheServiceNeverAnswersItsHello) {
  std::promise<void> again;
  ScriptedIngest service({[](Stream& stream) {
                            v1::ReportRequest ignored;
                            while (stream.Read(&ignored)) {
                            }
                            return grpc::Status::OK;
                          },
                          [&](Stream&) {
                            again.set_value();
                            return grpc::Status::OK;
                          }});
  SystemClock clock;
  EventQueue queue;
  auto options = options_for(service);
  options.write_deadline = 50ms;
  const GrpcReporter reporter(queue, options, clock);

  EXPECT_EQ(again.get_future().wait_for(20s), std::future_status::ready);
}

TEST(GrpcReporter, FlushesWhatWasRecordedJustBefore) {
  ScriptedIngest service({[](Stream& stream) {
    welcome(stream);
    next(stream, &v1::ReportRequest::has_batch);
    acknowledge(stream, 1);
    next(stream, &v1::ReportRequest::has_hello);
    return grpc::Status::OK;
  }});
  SystemClock clock;
  EventQueue queue;
  auto options = options_for(service);
  options.batch_interval = 10s;
  GrpcReporter reporter(queue, options, clock);
  queue.record(ended("a"));

  EXPECT_TRUE(reporter.flush(5s));
  EXPECT_EQ(reporter.status().buffered_bytes, 0u);
}

}  // namespace
}  // namespace vdm::proxy::grpc_reporter_test
