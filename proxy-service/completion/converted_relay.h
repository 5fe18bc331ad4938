#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy-service/completion/prepared_request.h"
#include "proxy-service/completion/relay.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// What an answer that is converted is told rather than finds out.
struct Conversion {
  Dialect upstream;
  const PreparedRequest& request;
  std::string id;          ///< msg_… or chatcmpl-…; never the same twice
  std::string_view model;  ///< the name the client asked for
  std::int64_t created = 0;
  std::optional<UsageChunk> stream{};  ///< the client asked for one, like this
};

/// An answer that is not a stream, in the client's dialect and as it was asked for: read
/// whole, then converted unless the dialects are the same, and made a stream if there was to
/// be one. Errors keep their status and meaning. What is no answer of the provider's dialect
/// is a failure that nothing of has reached the client. Bounds: Tap::body_bytes_max.
Task<RelayResult> relay_converted(RelayParts parts, const http1::ResponseHead& head,
                                  const Conversion& conversion);

/// The fields of a provider's head that a client of the other dialect can use.
void append_converted_head(http1::HeadWriter& head, const http1::ResponseHead& from);

}  // namespace vdm::proxy
