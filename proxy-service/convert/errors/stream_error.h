#pragma once

#include <string>
#include <string_view>

#include "proto/contract/event.h"
#include "proxy-service/body/json_walk.h"
#include "proxy-service/convert/errors/error_body.h"

namespace vdm::proxy {

/// An error that a provider reports in the middle of a stream. It comes without a status, so its
/// type or code determines the status; error_body does the rest. Pure.

/// The type and code as they stand between their quotes; views into the event.
struct ProviderErrorText {
  bool present = false;
  std::string_view type;
  std::string_view code;
};

/// Reads the error that comes next in the walk: an object, or only a text, as small servers send
/// it. Any other value, such as null, is no error.
bool read_stream_error(JsonWalk& walk, ProviderErrorText& error);

/// The error in an event's data, decoded and capped, with the status that its type or code stands
/// for.
ProviderError stream_error_of(const ProviderErrorText& text, std::string_view data);

/// Appends the event that reports the error to the client, in the client's dialect.
void append_error_event(Dialect client, std::string_view data, const ProviderError& error,
                        std::string_view request_id, std::string& out);

}  // namespace vdm::proxy
