#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/http1/refusal.h"
#include "proto/contract/event.h"
#include "proxy-service/net/wait_point.h"

namespace vdm::proxy {

/// An answer that says no: its status, a short machine word for reports, and a sentence.
struct Refusal {
  int status = 500;
  std::string_view type;
  std::string message;
};

Refusal refusal_of(const Error& error);
Refusal refusal_of(const http1::Refusal& refusal);
/// What the client of a question gets that no provider answered; status 499 when it has left.
Refusal refusal_of(const Error& error, Interrupt interrupted);

/// The error body a client of that dialect understands.
std::string error_body(Dialect dialect, const Refusal& refusal, std::string_view request_id);

/// The same as the event that ends a stream which can no longer fail by status.
std::string error_event(Dialect dialect, const Refusal& refusal, std::string_view request_id);

}  // namespace vdm::proxy
