#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace vdm::proxy {

/// Thinking in OpenAI's dialect: OpenRouter's reasoning_details, the one form there
/// that keeps Anthropic's signatures and redacted blocks. Pure.

boost::json::object text_detail(const boost::json::object& thinking_block);
boost::json::object encrypted_detail(const boost::json::object& redacted_block);

/// The thinking blocks in an OpenAI message: from its reasoning_details where they say
/// any, else from its reasoning text, whichever way the provider names that. A block
/// from plain text has an empty signature, and Anthropic would not take it back.
boost::json::array thinking_blocks(const boost::json::object& message);

/// Whether Anthropic would take this block back: it is signed, or redacted.
bool is_signed(const boost::json::object& thinking_block);

}  // namespace vdm::proxy
