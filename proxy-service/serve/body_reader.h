#pragma once

#include <variant>

#include "proxy-service/http/body_buffer.h"
#include "proxy-service/serve/client.h"
#include "proxy-service/serve/completion_call.h"

namespace vdm::proxy {

/// Reads a request's body into `body`, within the limits on its size, on all
/// bodies together and on its slowness. Bytes behind it stay with the client's
/// wire. After a failure the connection cannot be used for another request.
/// Thread: its IoThread.
class BodyReader {
 public:
  BodyReader(Client& client, const CompletionCall& call, BodyBuffer& body)
      : client_(client), call_(call), body_(body) {}

  /// Takes a body that came whole with its head, as most do; false when there is
  /// more to it, and read() is to be awaited. Saves its coroutines.
  bool read_now();
  /// Nothing, or what to refuse with; ClientGone when there is nobody to tell.
  Task<std::optional<Failure>> read();

 private:
  Task<std::optional<Failure>> read_length(std::size_t length);
  Task<std::optional<Failure>> read_chunks();
  Task<std::optional<Failure>> more();
  Failure no_memory() const;

  Client& client_;
  const CompletionCall& call_;
  BodyBuffer& body_;
  MonotonicTime begun_{};
};

}  // namespace vdm::proxy
