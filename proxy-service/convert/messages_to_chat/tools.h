#pragma once

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// Puts tools, tool_choice and parallel_tool_calls of an Anthropic request into an
/// OpenAI one. A deferred tool is sent once a tool_reference names it, it has been
/// called or is chosen, or when it is the provider who would have searched for it.
/// A provider's own tool that cannot be offered in its stead is refused.
Result<void> put_openai_tools(const boost::json::object& request, ToolNames& names,
                              boost::json::object& out);

}  // namespace vdm::proxy
