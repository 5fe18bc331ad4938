#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy-service/routing/retry.h"
#include "proxy-service/serve/client.h"
#include "proxy-service/serve/request_report.h"
#include "proxy-service/tap/tap.h"
#include "proxy-service/upstream/call.h"

namespace vdm::proxy {

/// Told, by a relay, how far an answer is.
class AnswerWatch {
 public:
  /// The client gets the first of it: from now on nothing else can be tried.
  virtual void begun() = 0;
  /// The provider works.
  virtual void first_token() = 0;

 protected:
  ~AnswerWatch() = default;
};

/// What a relay works with, for the length of one answer.
struct RelayParts {
  Client& client;
  ReplyTerms& terms;
  UpstreamCall& call;
  Tap& tap;
  RequestReport& report;
  AnswerWatch& watch;
  /// The request's JSON, to leave out of a reported error what it repeats of it; empty
  /// when it is not kept.
  std::span<const std::string_view> request{};
};

/// What became of an answer.
struct Relayed {
  Ending ending{};
  /// Set when nothing has reached the client: something else may be tried.
  std::optional<FailedAttempt> failed{};
  /// What is said if nothing else is; otherwise the ending's error.
  std::optional<Answer> answer{};
  /// What the provider's own error in a 200 means, whether or not the client has had a byte.
  int said_status = 0;
};

/// Whether a failure that came instead of (or in) an answer is a timeout, the
/// client's leaving, the operator's or ours.
Ending ending_of(const Error& error, Interrupt interrupted);

/// Appends the provider's head as the client gets it: its status and fields, but
/// for the hop's own, its cookies, and what would bind the client to its host.
void append_head(http1::HeadWriter& head, const http1::ResponseHead& from);

/// What of an answer has to be understood on its way: if anything, it cannot be compressed.
enum class Reads : std::uint8_t { Nothing, Everything };
/// Why what has this head is no answer to be passed on; empty when it may be one.
std::string_view why_unusable(const http1::ResponseHead& head, Reads reads);

/// A provider that is left alone: what is said when there is no other, and when to ask again.
Relayed not_asked(const Failure& why, std::chrono::milliseconds again_after,
                  const ReplyTerms& terms);

/// What a relay says when an answer broke off before the client had any of it.
Relayed not_begun(const Error& error, const RelayParts& parts, Fault timeout);

/// What to report of an answer that has been read to its end.
Ending ending_of_whole(const RelayParts& parts, int status);

/// Passes on an answer that is not a stream, byte for byte; the tap reads along.
/// One chunk is in flight at a time, so a slow client slows the provider.
Task<Relayed> relay_whole(RelayParts parts, const http1::ResponseHead& head);

}  // namespace vdm::proxy
