#pragma once

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/request_options.h"

namespace vdm::proxy {

/// One Anthropic content block of a user (text, image, document, search result) as
/// OpenAI content parts, appended. Refuses what has no counterpart, naming it.
Result<void> append_parts(const boost::json::object& block, const FieldPath& path,
                          const RequestOptions& options, boost::json::array& parts);

/// A tool_result's content: its text, and what a tool message cannot hold as parts.
struct ToolOutput {
  boost::json::string text;
  boost::json::array attached;
};
Result<ToolOutput> tool_output(const boost::json::object& tool_result, const FieldPath& path,
                               const RequestOptions& options);

}  // namespace vdm::proxy
