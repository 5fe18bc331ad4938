#pragma once

#include <variant>

#include "proxy-service/completion/client_request.h"
#include "proxy-service/worker/body_buffer.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// Reads a request's body into `body`, within the limits on its size, on all
/// bodies together and on its slowness. Bytes behind it stay with the client's
/// wire. After a failure the connection cannot be used for another request.
/// Thread: its IoThread.
class BodyReader {
 public:
  BodyReader(ClientConnection& client, const ClientRequest& request, BodyBuffer& body)
      : client_(client), request_(request), body_(body) {}

  /// Takes a body that came whole with its head, as most do; false when there is
  /// more to it, and read() is to be awaited. Saves its coroutines.
  bool read_now();
  /// Nothing, or what to refuse with; ClientGone when there is nobody to tell.
  Task<std::optional<Refusal>> read();

 private:
  Task<std::optional<Refusal>> read_length(std::size_t length);
  Task<std::optional<Refusal>> read_chunks();
  Task<std::optional<Refusal>> more();
  Refusal no_memory() const;

  ClientConnection& client_;
  const ClientRequest& request_;
  BodyBuffer& body_;
  MonotonicTime begun_{};
};

}  // namespace vdm::proxy
