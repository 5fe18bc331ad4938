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
  /// The turn that is being continued called tools and does not show its thinking, so
  /// that Anthropic would refuse to go on thinking in it.
  bool continues_without_thinking = false;
};

/// System and developer messages at the start become the system text. Tool results
/// and what follows them become one user's message, as Anthropic wants it.
Result<AnthropicMessages> anthropic_messages(const boost::json::object& request,
                                             const RequestOptions& options, ToolNames& names);

}  // namespace vdm::proxy
