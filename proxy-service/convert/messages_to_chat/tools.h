#pragma once

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/request_options.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// Puts tools, tool_choice and parallel_tool_calls of an Anthropic request into an OpenAI one. It
/// sends a deferred tool only if a tool_reference names it, a message calls it or tool_choice names
/// it, or if Anthropic would have searched for it. It refuses a tool that Anthropic itself would
/// run.
Result<void> put_openai_tools(const boost::json::object& request, const RequestOptions& options,
                              ToolNames& names, boost::json::object& out);

}  // namespace vdm::proxy
