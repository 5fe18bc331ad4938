#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy-service/completion/call_permit.h"
#include "proxy-service/completion/kept_request.h"
#include "proxy-service/completion/request_report.h"
#include "proxy-service/retry/retry.h"
#include "proxy-service/tap/tap.h"
#include "proxy-service/upstream/call.h"
#include "proxy-service/worker/client_connection.h"

namespace vdm::proxy {

/// What a relay works with, for the length of one answer.
struct RelayParts {
  ClientConnection& client;
  ReplyTerms& terms;
  UpstreamCall& call;
  Tap& tap;
  RequestReport& report;
  CallPermit& permit;
  KeptRequest& kept;
  /// The request's JSON, to leave out of a reported error what it repeats of it; empty
  /// when it is not kept.
  std::span<const std::string_view> request{};
};

/// What became of an answer.
struct RelayResult {
  RequestOutcome ended{};
  /// Set when nothing has reached the client: something else may be tried.
  std::optional<AttemptFailure> failed{};
  /// What is said if nothing else is; otherwise the ending's error.
  std::optional<Answer> answer{};
  /// What the provider's own error in a 200 means, whether or not the client has had a byte.
  int reported_status = 0;
};

/// Whether a failure that came instead of (or in) an answer is a timeout, the
/// client's leaving, the operator's or ours.
RequestOutcome outcome_of(const Error& error, Interrupt interrupted);

/// Appends the provider's head as the client gets it: its status and fields, but
/// for the hop's own, its cookies, and what would bind the client to its host.
void append_head(http1::HeadWriter& head, const http1::ResponseHead& from);

/// What of an answer has to be understood on its way: if anything, it cannot be compressed.
enum class Reads : std::uint8_t { Nothing, Everything };
/// Why what has this head is no answer to be passed on; empty when it may be one.
std::string_view why_unusable(const http1::ResponseHead& head, Reads reads);

/// A provider that is left alone: what is said when there is no other, and when to ask again.
RelayResult not_asked(const Refusal& why, std::chrono::milliseconds again_after,
                      const ReplyTerms& terms);

/// What a relay says when an answer broke off before the client had any of it.
RelayResult not_begun(const Error& error, const RelayParts& parts, AttemptFailure::Kind timeout);

/// What to report of an answer that has been read to its end.
RequestOutcome outcome_of_whole(const RelayParts& parts, int status);

/// Passes on an answer that is not a stream, byte for byte; the tap reads along.
/// One chunk is in flight at a time, so a slow client slows the provider.
Task<RelayResult> relay_whole(RelayParts parts, const http1::ResponseHead& head);

}  // namespace vdm::proxy
