#pragma once

#include <string>
#include <string_view>

#include "proto/contract/event.h"
#include "proxy-service/body/json_walk.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// What a provider says in the middle of a stream when it fails. There is no status
/// to tell what it means, so its words have to; the rest is error_body's. Pure.

/// As written, between the quotes; views into the event.
struct SaidError {
  bool said = false;
  std::string_view type;
  std::string_view code;
};

/// Reads an error ahead: an object, or only a text, as small servers send it.
/// Null and its like are none.
bool read_said_error(JsonWalk& walk, SaidError& error);

/// The error in the data of an event, decoded and capped, with the status its words mean.
StreamError stream_error_of(const SaidError& said, std::string_view data);

/// The event that tells the client, in its dialect.
void append_error_event(Dialect client, std::string_view data, const StreamError& error,
                        std::string_view request_id, std::string& out);

}  // namespace vdm::proxy
