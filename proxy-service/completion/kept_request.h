#pragma once

#include "proxy-service/completion/prepared_request.h"
#include "proxy-service/worker/body_buffer.h"

namespace vdm::proxy {

/// What an exchange keeps of the client's request while another attempt may need it. Thread: its
/// IoThread.
struct KeptRequest {
  explicit KeptRequest(BodyPool& pool) : body(pool), prepared(pool.budget()) {}

  BodyBuffer body;           ///< as the client sent it
  PreparedRequest prepared;  ///< as the current target reads it

  /// Frees the memory once the client is getting a good answer: nothing will be sent again, and a
  /// stream may run for an hour.
  void release() {
    body.release();
    prepared.release();
  }
};

}  // namespace vdm::proxy
