#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/request_options.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// The system text and the messages of an Anthropic request as OpenAI messages.
/// A user's message of tool results becomes one tool message each, and what stood
/// beside them a user's message after them, as OpenAI wants a call's results first.
Result<boost::json::array> openai_messages(const boost::json::object& request,
                                           const RequestOptions& options, ToolNames& names);

}  // namespace vdm::proxy
