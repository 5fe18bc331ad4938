#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace vdm::proxy {

/// Thinking in OpenAI's dialect. Only OpenRouter's form, reasoning_details, keeps Anthropic's
/// signatures and redacted blocks. Pure.

boost::json::object text_detail(const boost::json::object& thinking_block);
boost::json::object encrypted_detail(const boost::json::object& redacted_block);

/// The thinking blocks in an OpenAI message: from its reasoning_details if they hold any, else from
/// its reasoning text, under whichever name the provider sends that. A block from plain text has an
/// empty signature, so Anthropic would refuse it in a later request.
boost::json::array thinking_blocks(const boost::json::object& message);

/// Whether the block is signed or redacted. Anthropic accepts only such a block in a later request.
bool is_signed(const boost::json::object& thinking_block);

}  // namespace vdm::proxy
