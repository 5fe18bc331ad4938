#pragma once

#include <string>

#include "proxy-service/completion/relay.h"
#include "proxy-service/convert/errors/provider_error.h"

namespace vdm::proxy {

/// A provider's error answer, read to its end: what follows depends on what it says.
struct ProviderRefusal {
  ProviderError error{};
  std::string body{};
  bool readable =
      false;  ///< else the body is cut, too large, or compressed in a way we cannot undo
  std::optional<std::chrono::milliseconds> asked_wait{};

  /// The status that decides what follows: a prompt that is too long is the client's mistake,
  /// whichever status the provider tells it with.
  int decisive_status() const {
    return error.kind == ProviderError::Kind::PromptTooLong ? 400 : error.status;
  }
};

/// Reads an answer with an error status; our keys are taken out of its body. An error only when the
/// wait was interrupted. Bounds: 1 MiB of the body.
Task<Result<ProviderRefusal>> read_refusal(RelayParts parts, const http1::ResponseHead& from);

/// The result of an attempt that the provider answered with this error and its `status`.
RelayResult status_failed(const Provider& provider, int status, const ProviderRefusal& refusal);

/// Relays the error: its own bytes when both sides speak the same dialect, else in the client's
/// words. A prompt that is too long is told to Anthropic's clients in Anthropic's words in any
/// case, as they act on no others.
Task<RelayResult> relay_refusal(RelayParts parts, const http1::ResponseHead& from, Dialect upstream,
                                ProviderRefusal refusal);

/// The outcome of an answer that is an error, in the provider's words if the request is still kept:
/// what repeats it is left out of them.
RequestOutcome outcome_of(const ProviderError& error, const RelayParts& parts);

/// Whether a client of the provider's dialect understands the body as an error.
enum class ErrorTold : std::uint8_t { No, Yes };
/// The error as a whole answer to the client.
Answer error_answer_for(const RelayParts& parts, Dialect upstream, const ProviderError& error,
                        std::string body, ErrorTold told);

/// The result of a whole body that came with a 200 and is no answer: it tells an error or nothing
/// at all. Nothing of it has reached the client.
RelayResult no_answer(const RelayParts& parts, const http1::ResponseHead& from, Dialect upstream,
                      std::string body);

}  // namespace vdm::proxy
