#pragma once

#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include <vdm/metrics/v1/events.grpc.pb.h>

#include "metrics-service/cli/options/view_options.h"

namespace vdm::cli {

/// The commands' connection to the metrics service: the gRPC stub, and what every call needs.
/// Thread: any.
class Client {
 public:
  explicit Client(const Options& options);

  metrics::v1::Events::Stub& stub() { return *stub_; }
  /// Puts the key into the call; prepare_call() also sets a deadline, which a stream does not have.
  void prepare_stream(grpc::ClientContext& context) const;
  void prepare_call(grpc::ClientContext& context) const;

  /// Explains a failed call to a person: one line, and the exit code.
  CommandResult explain(const grpc::Status& status) const;

 private:
  const Options& options_;
  std::unique_ptr<metrics::v1::Events::Stub> stub_;
};

}  // namespace vdm::cli
