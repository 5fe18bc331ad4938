#pragma once

#include <optional>
#include <string>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "proxy-service/events/grpc_reporter.h"

namespace vdm::proxy {

/// Why streams to the metrics service end: logged once, and once more when it becomes an outage of
/// another kind. Thread: the reporter's.
class ReportOutages {
 public:
  explicit ReportOutages(std::string address) : address_(std::move(address)) {}

  static ReportRefusal refusal_in(const grpc::Status& status);
  void note(const grpc::Status& status);
  void over() { logged_.reset(); }

 private:
  const std::string address_;
  std::optional<ReportRefusal> logged_;
};

}  // namespace vdm::proxy
