#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "proxy-service/completion/attempts.h"
#include "proxy-service/completion/kept_request.h"
#include "proxy-service/completion/relay.h"
#include "proxy-service/forward/client_body.h"
#include "proxy-service/forward/forward_request.h"
#include "proxy-service/forward/named_model.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// One request of a route that is passed on whole, from the end of its head to its last byte. It
/// goes to a provider of the client's dialect and is never converted. The model's name is replaced
/// if the body has one. A failure is followed by what Attempts says, as long as the body is kept; a
/// larger one is sent once. Thread: its IoThread.
class Forward final {
 public:
  Forward(ClientConnection& client, ClientRequest& request, ForwardRequest asked, ReplyTerms& terms,
          MonotonicTime begun);
  Forward(const Forward&) = delete;
  Forward& operator=(const Forward&) = delete;

  Task<void> run();

 private:
  // The steps of a request, in order.
  Task<std::optional<Refusal>> read();
  Task<Result<ModelRoute>> find_route();
  Result<ModelRoute> route_without_model() const;
  Result<void> keep_dialect(ModelRoute& route) const;
  Task<void> ask();
  /// What of the request depends on the current target.
  void prepare();
  bool write_request(UpstreamRequest& request, RelayResult& relayed);
  std::uint64_t kept_bytes_sent() const;
  void add_body(BufferSequence& buffers, std::string_view chunk_line) const;
  bool answered(const Result<const http1::ResponseHead*>& answer, RelayResult& failed);
  Task<void> refused(RelayResult& relayed);
  Task<void> relay(RelayResult& relayed);
  bool take_step();

  Task<void> refuse(const Refusal& refusal) { return attempts_.refuse(refusal, facts(nullptr)); }
  RelayParts relay_parts() { return attempts_.parts(model_->token()); }
  FactsPtr facts(const Target* target) const;

  ClientConnection& client_;
  Worker& worker_;
  ClientRequest& request_;
  const ForwardRequest asked_;
  ReplyTerms& terms_;
  const MonotonicTime begun_;
  KeptRequest kept_;
  ClientBody body_;
  std::optional<NamedModel> model_;
  std::string written_model_;  ///< as it stands in the body for the current target
  std::string head_;
  std::optional<http1::ChunkLine> line_;  ///< of the kept bytes
  Attempts attempts_;
};

}  // namespace vdm::proxy
