#pragma once

#include <cstdint>
#include <optional>

#include "proxy-service/completion/client_request.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// The waits for a request's body: the client that waits to be asked for it is asked, and then has
/// Timeouts::body_grace and the time that its bytes so far have earned at
/// Timeouts::body_bytes_per_second_min. Thread: its IoThread.
class BodyWait {
 public:
  explicit BodyWait(ClientConnection& client) : client_(client) {}

  /// The client's time begins. Nothing, or what to refuse with.
  std::optional<Refusal> begin(const ClientRequest& request);
  /// Sets the deadline by which more than the bytes `received` must have come, and reads on.
  void arm(std::uint64_t received);
  /// The same, and waits. Nothing when something has come, or what to refuse with.
  Task<std::optional<Refusal>> more(std::uint64_t received);
  /// `time` was not the client's.
  void leave_out(MonotonicTime::duration time) { begun_ += time; }

 private:
  ClientConnection& client_;
  MonotonicTime begun_{};
};

/// The client left before its body was whole.
Refusal client_gone();
/// All bodies together leave no room for this one.
Refusal no_room_for_body();
/// Too many large ones are being converted.
Refusal no_time_for_body();

}  // namespace vdm::proxy
