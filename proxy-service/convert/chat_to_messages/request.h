#pragma once

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/request_options.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// OpenAI Chat Completions request -> Anthropic Messages request. README.md beside
/// this has the fields one by one; what is not in it is left out. A fault is an
/// InvalidRequest that names the field and quotes nothing. Fills `names`. Pure.
Result<boost::json::object> request_chat_to_messages(const boost::json::object& request,
                                                     const RequestOptions& options,
                                                     ToolNames& names);

}  // namespace vdm::proxy
