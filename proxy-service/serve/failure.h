#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/http1/refusal.h"
#include "proto/contract/event.h"

namespace vdm::proxy {

/// An answer that says no: its status, a short machine word for reports, and a sentence.
struct Failure {
  int status = 500;
  std::string_view type;
  std::string message;
};

Failure failure_of(const Error& error);
Failure failure_of(const http1::Refusal& refusal);

/// The error body a client of that dialect understands.
std::string error_body(Dialect dialect, const Failure& failure, std::string_view request_id);

/// The same as the event that ends a stream which can no longer fail by status.
std::string error_event(Dialect dialect, const Failure& failure, std::string_view request_id);

}  // namespace vdm::proxy
