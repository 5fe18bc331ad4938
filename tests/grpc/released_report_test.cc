#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <google/protobuf/unknown_field_set.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <vdm/metrics/v1/ingest.grpc.pb.h>

#include "proxy-service/events/grpc_reporter.h"
#include "tests/fakes/released.h"
#include "tests/grpc/metrics_rig.h"

namespace vdm::metrics::released_report_test {
namespace {

using namespace std::chrono_literals;

using Requests = std::vector<v1::ReportRequest>;

Requests recorded_requests(const Release& release) {
  Requests requests;
  for (const std::string& bytes : unpacked(bytes_of(release.path("report.requests")))) {
    EXPECT_TRUE(requests.emplace_back().ParseFromString(bytes));
  }
  return requests;
}

/// Puts a field of a later release into a message and all that is in it.
void add_unknown_fields(google::protobuf::Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> present;
  reflection->ListFields(message, &present);
  for (const auto* field : present) {
    if (field->message_type() == nullptr) continue;
    if (!field->is_repeated()) {
      add_unknown_fields(*reflection->MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      add_unknown_fields(*reflection->MutableRepeatedMessage(&message, field, i));
    }
  }
  auto& unknown = *reflection->MutableUnknownFields(&message);
  unknown.AddVarint(900, 7);
  unknown.AddLengthDelimited(901, "of a later release");
}

/// A proxy of that release, as it was recorded.
class RecordedProxy {
 public:
  explicit RecordedProxy(const std::string& address)
      : stub_(
            v1::Ingest::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))) {
    context_.set_deadline(std::chrono::system_clock::now() + 60s);
    stream_ = stub_->Report(&context_);
  }

  /// How far the service has come when it has acknowledged `until`, or has ended the stream.
  std::uint64_t say_all(const Requests& requests, std::uint64_t until) {
    std::jthread writer([&] {
      for (const auto& request : requests) {
        if (!stream_->Write(request)) return;
      }
    });
    std::uint64_t acknowledged = 0;
    for (v1::ReportReply reply; acknowledged < until && stream_->Read(&reply);) {
      if (reply.has_ack()) acknowledged = reply.ack().committed_seq();
    }
    return acknowledged;
  }
  grpc::Status end() {
    stream_->WritesDone();
    v1::ReportReply unread;
    while (stream_->Read(&unread)) {
    }
    return stream_->Finish();
  }

 private:
  std::unique_ptr<v1::Ingest::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ReportRequest, v1::ReportReply>> stream_;
};

void expect_totals(MetricsRig& rig, const boost::json::value& recorded) {
  const auto said = [](const boost::json::value& in, const char* name) {
    return in.at(name).to_number<std::uint64_t>();
  };
  const auto& summary = recorded.at("totals").at("summary");
  const Counters total =
      rig.on_owner([&] { return rig.tracker.totals().summary().counters.total; });
  EXPECT_EQ(total.requests, said(summary, "total_requests"));
  EXPECT_EQ(total.errors, said(summary, "total_errors"));
  EXPECT_EQ(total.cancelled, said(summary, "total_cancelled"));
  EXPECT_EQ(total.input_tokens, said(summary, "total_input_tokens"));
  EXPECT_EQ(total.output_tokens, said(summary, "total_output_tokens"));
  EXPECT_EQ(total.cache_read_tokens, said(summary, "total_cache_read_tokens"));
  EXPECT_EQ(total.tool_calls, said(summary, "total_tool_calls"));
  const auto proxies = rig.on_owner([&] { return rig.tracker.proxies(); });
  ASSERT_EQ(proxies.size(), 1u);
  const auto& proxy = recorded.at("proxy");
  EXPECT_EQ(proxies[0].instance_id, proxy.at("instance_id").as_string());
  EXPECT_EQ(proxies[0].version, proxy.at("version").as_string());
  EXPECT_EQ(proxies[0].started, said(proxy, "started"));
  EXPECT_EQ(proxies[0].ended, said(proxy, "ended"));
  EXPECT_EQ(proxies[0].lost, said(proxy, "lost"));
  EXPECT_EQ(proxies[0].gap_ended, said(proxy, "gap_ended"));
  EXPECT_EQ(proxies[0].undeclared_gaps, said(proxy, "undeclared_gaps"));
  EXPECT_EQ(rig.on_owner([&] { return rig.tracker.broken_invariant(); }), "");
}

void expect_all_taken(const Requests& requests, const boost::json::value& recorded) {
  const auto last = recorded.at("acknowledged").to_number<std::uint64_t>();
  HoldingLog log;
  MetricsRig rig(log);
  RecordedProxy proxy(rig.ingest_address());

  EXPECT_EQ(proxy.say_all(requests, last), last);
  const grpc::Status status = proxy.end();

  EXPECT_TRUE(status.ok()) << status.error_message();
  expect_totals(rig, recorded);
}

TEST(ReleasedReport, OfAnEarlierProxyIsTakenWhole) {
  for (const Release& release : releases(VDM_GOLDEN_DIR)) {
    SCOPED_TRACE(release.folder);
    expect_all_taken(recorded_requests(release), release.expected.at("report"));
  }
}

TEST(ReleasedReport, IsTakenAlikeWithFieldsThatNobodyKnows) {
  for (const Release& release : releases(VDM_GOLDEN_DIR)) {
    SCOPED_TRACE(release.folder);
    Requests requests = recorded_requests(release);
    for (auto& request : requests) add_unknown_fields(request);
    expect_all_taken(requests, release.expected.at("report"));
  }
}

TEST(ReleasedReport, HoldsEveryKindOfMessage) {
  for (const Release& release : releases(VDM_GOLDEN_DIR)) {
    SCOPED_TRACE(release.folder);
    std::vector<bool> kinds(5);
    bool ids_alone = false;
    bool gap = false;

    for (const auto& request : recorded_requests(release)) {
      kinds[static_cast<std::size_t>(request.message_case())] = true;
      for (const auto& active : request.active_snapshot().requests()) {
        ids_alone = ids_alone || !active.has_facts();
      }
      for (const auto& event : request.batch().events()) gap = gap || event.has_gap();
    }

    EXPECT_EQ(kinds, (std::vector<bool>{false, true, true, true, true}));
    EXPECT_TRUE(ids_alone);
    EXPECT_TRUE(gap);
  }
}

/// A metrics service of that release: says what was recorded of it, each acknowledgement once it
/// has what is acknowledged.
class RecordedService final : public v1::Ingest::Service {
 public:
  using Stream = grpc::ServerReaderWriter<v1::ReportReply, v1::ReportRequest>;

  explicit RecordedService(std::vector<std::string> replies) : replies_(std::move(replies)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~RecordedService() override { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  grpc::Status Report(grpc::ServerContext*, Stream* stream) override {
    v1::ReportRequest request;
    stream->Read(&request);
    std::uint64_t received = 0;
    for (const std::string& bytes : replies_) {
      v1::ReportReply reply;
      if (!reply.ParseFromString(bytes)) return {grpc::StatusCode::INTERNAL, "not a reply"};
      while (reply.ack().committed_seq() > received && stream->Read(&request)) {
        if (!request.has_batch()) continue;
        received = request.batch().first_seq() - 1 +
                   static_cast<std::uint64_t>(request.batch().events_size());
      }
      stream->Write(reply);
    }
    while (stream->Read(&request)) {
    }
    return grpc::Status::OK;
  }

 private:
  const std::vector<std::string> replies_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST(ReleasedReport, AnEarlierServicesRepliesAreUnderstoodByTheProxy) {
  for (const Release& release : releases(VDM_GOLDEN_DIR)) {
    SCOPED_TRACE(release.folder);
    const auto& recorded = release.expected.at("report");
    const auto last = recorded.at("acknowledged").to_number<std::uint64_t>();
    RecordedService service(unpacked(bytes_of(release.path("report.replies"))));
    const SystemClock clock;
    proxy::EventQueue queue;
    for (std::uint64_t i = 0; i < last; ++i) {
      const RequestFacts facts{.request_id = "req_" + std::to_string(i)};
      queue.record(Started{std::make_shared<const RequestFacts>(facts)});
    }

    proxy::GrpcReporter reporter(queue,
                                 {.address = service.address(),
                                  .instance_id = "instance-1",
                                  .proxy_name = "proxy-1",
                                  .version = "9"},
                                 clock);

    EXPECT_TRUE(reporter.flush(20s));
    EXPECT_EQ(reporter.status().acknowledged_seq, last);
  }
}

}  // namespace
}  // namespace vdm::metrics::released_report_test
