#pragma once

#include "proxy-service/completion/prepared_request.h"
#include "proxy-service/worker/body_buffer.h"

namespace vdm::proxy {

/// What a completion keeps of the client's request as long as another attempt may need it.
/// Thread: its IoThread.
struct KeptRequest {
  explicit KeptRequest(BodyPool& pool) : body(pool) {}

  BodyBuffer body;             ///< as the client sent it
  PreparedRequest prepared{};  ///< as the target in hand reads it

  /// The client gets an answer that began well: nothing is sent again, and a stream may run for
  /// an hour.
  void release() {
    body.release();
    prepared.release();
  }
};

}  // namespace vdm::proxy
