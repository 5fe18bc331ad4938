#pragma once

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/request_options.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// Puts the tools and the tool choice of an OpenAI request into an Anthropic one. It reads both
/// forms: tools or functions, and tool_choice or function_call.
Result<void> put_anthropic_tools(const boost::json::object& request, const RequestOptions& options,
                                 ToolNames& names, boost::json::object& out);

}  // namespace vdm::proxy
