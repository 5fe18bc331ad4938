#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/request_options.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// An OpenAI conversation in Anthropic's form.
struct AnthropicMessages {
  boost::json::array system;
  boost::json::array messages;
  /// The request continues a turn that called tools and has no thinking. Anthropic would refuse to
  /// enable thinking in the middle of such a turn.
  bool continues_without_thinking = false;
};

/// Converts the messages. System and developer messages at the start become the system text. Tool
/// results and the user's message after them become one user's message, as Anthropic requires.
Result<AnthropicMessages> anthropic_messages(const boost::json::object& request,
                                             const RequestOptions& options, ToolNames& names);

}  // namespace vdm::proxy
