#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "common/access/permissions.h"
#include "metrics-service/ingest/ingest_tokens.h"
#include "tests/grpc/events_rig.h"
#include "tests/grpc/raw_proxy.h"

// The table of permissions, walked rpc by rpc and role by role against the real servers.

namespace vdm::metrics::roles_test {
namespace {

using Code = grpc::StatusCode;

class RpcRoles : public EventsRig {
 protected:
  void serve_all() {
    EventsOptions options;
    options.keys = std::make_shared<KeyCheck>(
        KeyCheckOptions{.keys = AccessKeys(key_of_each_role()), .throttle = {.wrong_max = 1'000}},
        KeyClock);
    options.cancel_allowed = true;
    options.cancel = [](std::string_view, std::string_view) { return true; };
    serve(std::move(options));
    start("a");
  }

  /// How each rpc ends that shows the key.
  Code asked(std::string_view rpc, std::string_view key) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (!key.empty()) context.AddMetadata("x-api-key", std::string(key));
    const std::map<std::string_view, std::function<grpc::Status()>> calls{
        {"Subscribe",
         [&] {
           const auto reader = stub_->Subscribe(&context, {});
           v1::SubscribeReply reply;
           if (reader->Read(&reply)) {
             context.TryCancel();
             while (reader->Read(&reply)) {
             }
             reader->Finish();
             return grpc::Status::OK;
           }
           return reader->Finish();
         }},
        {"GetActiveRequests",
         [&] {
           v1::GetActiveRequestsReply reply;
           return stub_->GetActiveRequests(&context, {}, &reply);
         }},
        {"GetTraces",
         [&] {
           v1::GetTracesReply reply;
           return stub_->GetTraces(&context, {}, &reply);
         }},
        {"GetRunningTotals",
         [&] {
           v1::GetRunningTotalsReply reply;
           return stub_->GetRunningTotals(&context, {}, &reply);
         }},
        {"GetStatus",
         [&] {
           v1::GetStatusReply reply;
           return stub_->GetStatus(&context, {}, &reply);
         }},
        {"CancelRequest", [&] {
           v1::CancelRequestReply reply;
           v1::CancelRequestRequest request;
           request.set_request_id("a");
           return stub_->CancelRequest(&context, request, &reply);
         }}};
    const auto call = calls.find(rpc);
    EXPECT_NE(call, calls.end()) << rpc << ": say how it is asked for";
    return call == calls.end() ? Code::UNIMPLEMENTED : call->second().error_code();
  }
};

TEST_F(RpcRoles, GetWhatTheTableGivesThem) {
  serve_all();
  for (const Permission& row : permissions::Table) {
    if (row.port != Port::Events) continue;
    for (const Role role : AllRoles) {
      EXPECT_EQ(asked(row.rule, word_of(role)), row.lets(role) ? Code::OK : Code::PERMISSION_DENIED)
          << row.rule << " as " << word_of(role);
    }
    for (const std::string_view key : {std::string_view(), std::string_view("guess"), ExpiredKey}) {
      EXPECT_EQ(asked(row.rule, key), Code::UNAUTHENTICATED) << row.rule << " " << key;
    }
  }
}

TEST_F(RpcRoles, ShowAClientItsOwnRequestsAlone) {
  serve_all();
  report({Started{facts("mine", "openai", "m", hex_prefix(sha256("client"), 12))}});
  const auto rows = [&](const std::string& key) {
    grpc::ClientContext context;
    context.AddMetadata("x-api-key", key);
    v1::GetActiveRequestsRequest request;
    if (key == "client") request.mutable_filter()->set_client_label("other");
    v1::GetActiveRequestsReply reply;
    EXPECT_TRUE(stub_->GetActiveRequests(&context, request, &reply).ok());
    return reply.active_size();
  };

  EXPECT_EQ(rows("client"), 1) << "whatever it asks for";
  EXPECT_EQ(rows("viewer"), 2);
}

TEST(IngestRoles, AreThatOfAProxyAlone) {
  const SystemClock clock;
  auto tokens = IngestTokens::open({.keys = key_of_each_role(), .clock = &clock});
  ASSERT_TRUE(tokens);
  EXPECT_TRUE((*tokens)->required());
  HoldingLog log;
  MetricsRig rig(log, IngestOptions{.address = "127.0.0.1:0", .tokens = *tokens});
  const Permission& row = *permissions::find(Port::Ingest, "Report");
  int streams = 0;
  for (const Role role : AllRoles) {
    RawProxy proxy(rig.ingest_address(), "Bearer " + std::string(word_of(role)));
    proxy.say(hello("instance-" + std::to_string(++streams)));
    EXPECT_EQ(proxy.hear().has_welcome(), row.lets(role)) << word_of(role);
  }
  RawProxy expired(rig.ingest_address(), "Bearer " + std::string(ExpiredKey));
  expired.say(hello("instance-9"));
  EXPECT_EQ(expired.end().error_code(), Code::UNAUTHENTICATED);
}

}  // namespace
}  // namespace vdm::metrics::roles_test
