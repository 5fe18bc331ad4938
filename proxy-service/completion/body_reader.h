#pragma once

#include <cstddef>
#include <optional>

#include "proxy-service/completion/body_wait.h"
#include "proxy-service/completion/client_request.h"
#include "proxy-service/worker/body_buffer.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// Reads a request's body into `body`. It refuses a body that is too large, that all bodies
/// together leave no room for, or that comes too slowly. Bytes that follow the body stay in the
/// client's connection. After a failure the connection cannot be used for another request. Thread:
/// its IoThread.
class BodyReader {
 public:
  BodyReader(ClientConnection& client, const ClientRequest& request, BodyBuffer& body)
      : client_(client), request_(request), body_(body), wait_(client) {}

  /// Takes a body that came complete with its head, as most do, and starts no coroutine for it.
  /// False when more bytes must come: the caller then awaits read().
  bool read_now();
  /// Nothing, or what to refuse with; ClientGone when the client has closed its connection.
  Task<std::optional<Refusal>> read();

 private:
  Task<std::optional<Refusal>> read_length(std::size_t length);
  Task<std::optional<Refusal>> read_chunks();

  ClientConnection& client_;
  const ClientRequest& request_;
  BodyBuffer& body_;
  BodyWait wait_;
};

}  // namespace vdm::proxy
