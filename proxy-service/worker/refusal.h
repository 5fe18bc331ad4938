#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/http1/refusal.h"
#include "proto/contract/event.h"
#include "proxy-service/net/wait_point.h"

namespace vdm::proxy {

/// An answer that refuses a request: its status, a short machine word for reports, a sentence.
struct Refusal {
  int status = 500;
  std::string_view type;
  std::string message;
  std::chrono::seconds retry_after{0};  ///< 0: what is usual for the status
};

Refusal refusal_of(const Error& error);
Refusal refusal_of(const http1::MessageRefusal& refusal);
/// The refusal of a request that no provider answered; status 499 when the client has left.
Refusal refusal_of(const Error& error, Interrupt interrupted);

/// The error body in the client's dialect.
std::string error_body(Dialect dialect, const Refusal& refusal, std::string_view request_id);

/// The same as a stream's last event, for a stream whose status is sent already.
std::string error_event(Dialect dialect, const Refusal& refusal, std::string_view request_id);

}  // namespace vdm::proxy
