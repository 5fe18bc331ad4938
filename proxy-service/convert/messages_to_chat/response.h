#pragma once

#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/response_options.h"
#include "proxy-service/convert/tool_names.h"

namespace vdm::proxy {

/// Anthropic message -> OpenAI chat completion with one choice. An answer without content fails
/// with UpstreamRejected. Pure.
Result<boost::json::object> response_messages_to_chat(const boost::json::object& answer,
                                                      const ResponseOptions& options,
                                                      const ToolNames& names);

}  // namespace vdm::proxy
