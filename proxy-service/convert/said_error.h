#pragma once

#include <string>
#include <string_view>

#include "proxy-service/body/json_walk.h"
#include "proxy-service/convert/stream_step.h"

namespace vdm::proxy {

/// What a provider says in the middle of a stream when it fails, and how each
/// dialect's client is told. Pure.

/// As written, between the quotes; views into the event.
struct SaidError {
  bool said = false;
  std::string_view type;
  std::string_view code;
  std::string_view message;
};

/// Reads an error ahead: an object, or only a text, as small servers send it.
/// Null and its like are none.
bool read_said_error(JsonWalk& walk, SaidError& error);

/// Decoded and capped.
StreamError stream_error_of(const SaidError& said);

void append_anthropic_error(const StreamError& error, std::string& out);
void append_openai_error(const StreamError& error, std::string& out);

}  // namespace vdm::proxy
