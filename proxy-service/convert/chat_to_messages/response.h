#pragma once

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/response_options.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// OpenAI chat completion -> Anthropic message, from the first choice. It reads what it can from an
/// odd answer; one without a choice fails with UpstreamRejected. Pure.
Result<boost::json::object> response_chat_to_messages(const boost::json::object& answer,
                                                      const ResponseOptions& options,
                                                      const ToolNames& names);

}  // namespace vdm::proxy
