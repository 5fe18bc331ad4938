#pragma once

#include <boost/json/object.hpp>

#include "proto/contract/event.h"

namespace vdm::proxy {

/// Writes token counts in either dialect; the tap reads them (tap/usage.h). Anthropic's input,
/// cache write and cache read are three numbers; OpenAI's prompt_tokens is their sum. Pure.

/// The usage that an answer of either dialect reports; zeros when it reports none.
Usage usage_in(const boost::json::object& answer);

boost::json::object anthropic_usage(const Usage& usage);
boost::json::object openai_usage(const Usage& usage);

}  // namespace vdm::proxy
