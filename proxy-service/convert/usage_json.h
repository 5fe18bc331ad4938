#pragma once

#include <boost/json/object.hpp>

#include "proto/contract/event.h"

namespace vdm::proxy {

/// Token counts in either dialect. Reading is the tap's (tap/usage.h); this writes.
/// Anthropic's input, cache write and cache read are three numbers; OpenAI's
/// prompt_tokens is their sum. Pure.

/// What an answer says of its usage, in either dialect; zeros when it says nothing.
Usage usage_in(const boost::json::object& answer);

boost::json::object anthropic_usage(const Usage& usage);
boost::json::object openai_usage(const Usage& usage);

}  // namespace vdm::proxy
