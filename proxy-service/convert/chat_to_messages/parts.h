#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "common/base/result.h"
#include "proxy-service/convert/json/field.h"

namespace vdm::proxy {

/// An OpenAI message's content (a string, parts or nothing) as Anthropic blocks,
/// appended. An empty text is left out, as Anthropic refuses one. A part that has no
/// counterpart is refused and named.
Result<void> append_blocks(const boost::json::value& content, const FieldPath& path,
                           boost::json::array& blocks);

boost::json::object text_block(std::string_view text);

}  // namespace vdm::proxy
