#pragma once

#include <string>
#include <string_view>

#include "proto/contract/event.h"
#include "proxy-service/body/json_walk.h"
#include "proxy-service/convert/errors/error_body.h"

namespace vdm::proxy {

/// What a provider reports in the middle of a stream when it fails. No status tells what the
/// error means, so its words have to; the rest is error_body's. Pure.

/// As written, between the quotes; views into the event.
struct ProviderErrorText {
  bool present = false;
  std::string_view type;
  std::string_view code;
};

/// Reads an error ahead: an object, or only a text, as small servers send it.
/// Null and its like are none.
bool read_stream_error(JsonWalk& walk, ProviderErrorText& error);

/// The error in the data of an event, decoded and capped, with the status its words mean.
ProviderError stream_error_of(const ProviderErrorText& text, std::string_view data);

/// The event that tells the client, in its dialect.
void append_error_event(Dialect client, std::string_view data, const ProviderError& error,
                        std::string_view request_id, std::string& out);

}  // namespace vdm::proxy
