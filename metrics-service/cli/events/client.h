#pragma once

#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include <vdm/metrics/v1/events.grpc.pb.h>

#include "metrics-service/cli/events/options.h"

namespace vdm::cli {

/// The metrics service as the commands see it: its stub, and what every call
/// needs. Thread: any.
class Client {
 public:
  explicit Client(const Options& options);

  metrics::v1::Events::Stub& stub() { return *stub_; }
  /// The key; and for what is not a stream, how long to wait.
  void prepare_stream(grpc::ClientContext& context) const;
  void prepare_call(grpc::ClientContext& context) const;

  /// What a failed call means to a person: one line, and the exit code.
  CommandResult explain(const grpc::Status& status) const;

 private:
  const Options& options_;
  std::unique_ptr<metrics::v1::Events::Stub> stub_;
};

}  // namespace vdm::cli
