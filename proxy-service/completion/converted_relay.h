#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy-service/completion/answer_form.h"
#include "proxy-service/completion/prepared_request.h"
#include "proxy-service/completion/relay.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// The label of a stream.
inline constexpr std::string_view EventStream = "text/event-stream; charset=utf-8";

/// What the converter cannot read from the provider's answer itself.
struct Conversion {
  Dialect upstream;
  const PreparedRequest& request;
  std::string id;          ///< msg_… or chatcmpl-…; unique
  std::string_view model;  ///< the name the client asked for
  std::int64_t created = 0;
  std::optional<UsageChunk> stream{};  ///< set when the client asked for a stream
};

/// Relays an answer that the client gets in another form. It reads the answer whole (a stream for a
/// client that asked for none is put together) and converts it when the dialects differ; a client
/// that asked for a stream gets one. A body that tells an error, says nothing, or is no answer in
/// the provider's dialect is a failure before the client's first byte, so the exchange may try
/// again. `begin`: the body's first bytes. Bounds: Tap::body_bytes_max.
Task<RelayResult> relay_converted(RelayParts parts, const http1::ResponseHead& head,
                                  const Conversion& conversion, AnswerForm form,
                                  std::span<char> begin);

/// Appends the head of a converted stream, with the fields of the provider's that its client can
/// use.
void append_converted_head(http1::HeadWriter& head, const http1::ResponseHead& from,
                           const ReplyTerms& terms);

}  // namespace vdm::proxy
