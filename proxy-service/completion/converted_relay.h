#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy-service/completion/prepared_request.h"
#include "proxy-service/completion/relay.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// What the converter cannot read from the provider's answer itself.
struct Conversion {
  Dialect upstream;
  const PreparedRequest& request;
  std::string id;          ///< msg_… or chatcmpl-…; unique
  std::string_view model;  ///< the name the client asked for
  std::int64_t created = 0;
  std::optional<UsageChunk> stream{};  ///< set when the client asked for a stream
  std::string_view did_you_mean{};     ///< added to an error's message; empty: nothing is
};

/// Relays an answer that is not a stream. It reads the answer whole and converts it when the
/// dialects differ; a client that asked for a stream gets one. Errors keep their status and
/// meaning. A body that is no answer in the provider's dialect is a failure before the client's
/// first byte, so the exchange may try again. Bounds: Tap::body_bytes_max.
Task<RelayResult> relay_converted(RelayParts parts, const http1::ResponseHead& head,
                                  const Conversion& conversion);

/// Reads an answer that is not a stream to its end, for the tap too. Bounds: Tap::body_bytes_max.
Task<Result<std::string>> read_answer(RelayParts parts);

/// Answers the client with an error that read_answer() has read.
Task<RelayResult> relay_error(RelayParts parts, const http1::ResponseHead& head,
                              const Conversion& conversion, Result<std::string> body);

/// Appends the fields of a provider's head that a client of the other dialect can use.
void append_converted_head(http1::HeadWriter& head, const http1::ResponseHead& from);

}  // namespace vdm::proxy
