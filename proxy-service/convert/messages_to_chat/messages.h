#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/request_options.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// Converts the system text and the messages of an Anthropic request to OpenAI messages. Each tool
/// result in a user's message becomes a tool message; the message's other blocks become a user's
/// message after those, because OpenAI requires a call's results first.
Result<boost::json::array> openai_messages(const boost::json::object& request,
                                           const RequestOptions& options, ToolNames& names);

}  // namespace vdm::proxy
