#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>

#include <vdm/metrics/v1/ingest.grpc.pb.h>

namespace vdm::metrics {

/// A proxy that says what it likes.
struct RawProxy {
  explicit RawProxy(const std::string& address, const std::string& authorization = "")
      : stub(
            v1::Ingest::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (!authorization.empty()) context.AddMetadata("authorization", authorization);
    stream = stub->Report(&context);
  }
  ~RawProxy() {
    context.TryCancel();
    if (stream) end();
  }

  void say(const v1::ReportRequest& request) { stream->Write(request); }
  v1::ReportReply hear() {
    v1::ReportReply reply;
    stream->Read(&reply);
    return reply;
  }
  /// Reads to the end and gives the reason.
  grpc::Status end() {
    v1::ReportReply reply;
    while (stream->Read(&reply)) {
    }
    return std::exchange(stream, nullptr)->Finish();
  }

  std::unique_ptr<v1::Ingest::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ReportRequest, v1::ReportReply>> stream;
};

inline v1::ReportRequest hello(const std::string& instance = "instance-1") {
  v1::ReportRequest request;
  request.mutable_hello()->set_instance_id(instance);
  request.mutable_hello()->set_proxy_name("proxy-1");
  request.mutable_hello()->set_protocol(1);
  return request;
}

inline v1::ReportRequest hello(const std::string& instance, const std::string& secret) {
  v1::ReportRequest request = hello(instance);
  request.mutable_hello()->set_secret(secret);
  return request;
}

inline v1::ReportRequest batch(std::uint64_t first_seq, const std::vector<std::string>& started) {
  v1::ReportRequest request;
  request.mutable_batch()->set_first_seq(first_seq);
  for (const std::string& id : started) {
    request.mutable_batch()->add_events()->mutable_started()->mutable_facts()->set_request_id(id);
  }
  return request;
}

template <class Change>
v1::ReportRequest changed(v1::ReportRequest request, Change change) {
  change(request);
  return request;
}

}  // namespace vdm::metrics
