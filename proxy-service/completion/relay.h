#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy-service/body/request_scan.h"
#include "proxy-service/completion/call_permit.h"
#include "proxy-service/completion/error_watch.h"
#include "proxy-service/completion/kept_request.h"
#include "proxy-service/completion/request_report.h"
#include "proxy-service/http1/passed_fields.h"
#include "proxy-service/retry/retry.h"
#include "proxy-service/tap/tap.h"
#include "proxy-service/upstream/call.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// What a relay uses while it relays one answer.
struct RelayParts {
  ClientConnection& client;
  ReplyTerms& terms;
  UpstreamCall& call;
  Tap& tap;
  RequestReport& report;
  CallPermit& permit;
  KeptRequest& kept;
  ByteRange model_token{};  ///< where the kept body names its model

  /// The request's text, as long as it is kept, without the model's name, since reports show that
  /// name anyway. The report leaves out of an error's message what repeats the rest.
  std::array<std::string_view, 2> request_text() const;
};

/// How relaying an answer went.
struct RelayResult {
  RequestOutcome ended{};
  /// Set when the client has no byte yet, so the exchange may try again.
  std::optional<AttemptFailure> failed{};
  /// What the client gets when no other attempt follows; if not set, `ended`'s error.
  std::optional<Answer> answer{};
  /// The status that an error inside a 200 stands for; 0 without one. Set even after the client's
  /// first byte.
  int reported_status = 0;
};

/// Names what ended an answer: a timeout, the client, an operator, or a shutdown of the proxy.
RequestOutcome outcome_of(const Error& error, Interrupt interrupted);

/// Appends the provider's status and those of its fields that are `passed`. `content_type`: what
/// the answer is, when the provider's label says otherwise; empty: the label stays. Anthropic's
/// clients get a request-id in any case: ours when the provider has none.
void append_head(http1::HeadWriter& head, const http1::ResponseHead& from, const ReplyTerms& terms,
                 const http1::PassedFields& passed, std::string_view content_type = {});

/// Adds the fields of the provider's head that a client of any dialect can use: its id of the
/// request, and when to try again.
void add_fields(Answer& answer, const http1::ResponseHead& from, const RelayParts& parts);

/// A wait in seconds, rounded up, for Retry-After.
std::uint64_t whole_seconds(std::chrono::milliseconds wait);

/// The result when the exchange does not call a provider at all: the refusal to answer with if no
/// other target is left, and when the client may ask again.
RelayResult not_asked(const Refusal& why, std::chrono::milliseconds again_after,
                      const ReplyTerms& terms);

/// The result when the proxy refuses to send the request, which is not the provider's doing.
RelayResult rejected(const Refusal& why, const ReplyTerms& terms);

/// The result of an answer that broke off before the client's first byte.
RelayResult not_begun(const Error& error, const RelayParts& parts, AttemptFailure::Kind timeout);

/// The result of an answer of which nothing can be relayed, and why not.
RelayResult unusable(const RelayParts& parts, std::string_view why);

/// Writes how the body is framed, and ends the head; without a length, the connection's end may
/// have to tell the body's. True when the body is chunked.
bool end_head(const RelayParts& parts, http1::HeadWriter& head,
              std::optional<std::uint64_t> length);

/// Adds a piece of the body, the last one if `done`, as a chunk if the body is chunked. `line` has
/// the piece's size; both must stay until the buffers are sent.
void add_piece(BufferSequence& buffers, const http1::ChunkLine& line, std::string_view bytes,
               bool chunked, bool done);

/// The answer broke off after the client's first byte: the connection ends without the body's end,
/// so the client sees that it is cut.
void note_cut(const Error& error, const RelayParts& parts, int status, RelayResult& relayed);

/// What watches an answer that passes piece by piece.
ErrorWatch watch_over(const http1::ResponseHead& from, ClientConnection& client);

/// Sets the deadline of a wait for the answer's next bytes.
void wait_for_more(const RelayParts& parts, MonotonicTime whole_until);

/// Relays an answer that is not a stream, byte for byte, while the tap reads it too. A small answer
/// is judged before any of it reaches the client: one that tells an error or says nothing is a
/// failure, and the exchange may try again. One chunk of a larger one is in flight at a time, so a
/// slow client slows the provider down. `begin`: the body's first bytes.
/// How it went is set in `relayed`: to return it costs a move.
Task<void> relay_whole(RelayParts parts, const http1::ResponseHead& head, Dialect upstream,
                       std::span<char> begin, RelayResult& relayed);

}  // namespace vdm::proxy
