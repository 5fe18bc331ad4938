#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "proxy-service/completion/body_wait.h"
#include "proxy-service/completion/client_request.h"
#include "proxy-service/forward/named_model.h"
#include "proxy-service/http1/body.h"
#include "proxy-service/http1/head_writer.h"
#include "proxy-service/upstream/call.h"
#include "proxy-service/worker/body_buffer.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// The body of a request that is passed on whole. Its beginning is kept; the rest, if there is any,
/// goes to the provider piece by piece as it arrives, so that a slow provider slows the client and
/// no more than a piece is held. Bounds: Limits::forwarded_body_bytes_max, and the rate that holds
/// for all bodies, in which the provider's share of the time does not count. Thread: its IoThread.
class ClientBody final : public RequestRest {
 public:
  static constexpr std::size_t KeptBytesMax = MiB;

  /// `kept`: where the beginning is to be.
  ClientBody(ClientConnection& client, const ClientRequest& request, BodyBuffer& kept);

  /// Reads all of it, or so much that more than KeptBytesMax is kept: and further on, up to
  /// Limits::body_bytes_max, while `model` may still be found. Nothing, or what to refuse with.
  Task<std::optional<Refusal>> read_beginning(NamedModel& model, bool wants_model);

  /// All of it is kept, or has been sent.
  bool whole() const { return decoder_.done(); }
  /// What was kept may be sent a second time.
  bool repeatable() const { return repeatable_; }
  /// So far; the whole body's size if that is known.
  std::uint64_t size() const;
  /// The rest's size is known only when it has come.
  bool chunked() const { return request_.chunked; }
  /// Why the rest did not come to its end; nothing if it did.
  const std::optional<Refusal>& refusal() const { return refusal_; }

  Next next(BufferSequence& piece) override;

 private:
  std::optional<Refusal> keep_what_came();
  void make_room();
  Next fail(Refusal why);

  ClientConnection& client_;
  const ClientRequest& request_;
  BodyBuffer& kept_;
  http1::BodyDecoder decoder_;
  std::optional<Refusal> refusal_;
  std::optional<http1::ChunkLine> line_;
  BodyWait wait_;  ///< in which the provider's share of the time does not count
  MonotonicTime passed_on_at_{};
  bool repeatable_ = false;
  std::size_t passed_on_ = 0;  ///< of the connection's bytes: they stay there until the next call
};

}  // namespace vdm::proxy
