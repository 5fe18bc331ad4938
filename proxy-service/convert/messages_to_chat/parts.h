#pragma once

#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/json/field.h"
#include "proxy-service/convert/request_options.h"

namespace vdm::proxy {

boost::json::object text_part(std::string_view text);

/// Appends one content block of an Anthropic user's message (text, image, document, search result)
/// as OpenAI content parts, with its cache mark. It refuses a block that has no counterpart; the
/// error names it.
Result<void> append_parts(const boost::json::object& block, const FieldPath& path,
                          const RequestOptions& options, boost::json::array& parts);

/// A tool_result's content: the text, and the parts that a tool message cannot hold.
struct ToolOutput {
  boost::json::string text;
  boost::json::array attached;
};
Result<ToolOutput> tool_output(const boost::json::object& tool_result, const FieldPath& path,
                               const RequestOptions& options);

}  // namespace vdm::proxy
