#pragma once

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/request_options.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// Anthropic Messages request -> OpenAI Chat Completions request. The README.md of convert lists
/// the fields; the conversion leaves out any other. An error is an InvalidRequest that names the
/// field and does not quote its value. Fills `names`. Pure.
Result<boost::json::object> request_messages_to_chat(const boost::json::object& request,
                                                     const RequestOptions& options,
                                                     ToolNames& names);

}  // namespace vdm::proxy
