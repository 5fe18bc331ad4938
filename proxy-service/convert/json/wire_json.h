#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "common/base/result.h"

namespace vdm::proxy {

/// Reads and writes JSON. A number keeps its exact value, and 1.0 stays distinct from 1;
/// Boost.JSON's own parser can be off in the last digit, and its serializer writes 7E-1 for 0.7.
/// Bounds: depth_max levels, as everywhere; the caller bounds the size. Pure.

/// Parses the body of a request or an answer. If a name comes twice, the last one counts; the
/// request scan has refused requests in which that would matter. An error never quotes the body.
Result<boost::json::object> parse_body(std::string_view text);

/// Parses any value; the body of an error answer may be an array.
Result<boost::json::value> parse_value(std::string_view text);

/// Appends `value` as text, without blanks.
void append_json(const boost::json::value& value, std::string& text);
std::string json_text(const boost::json::value& value);

}  // namespace vdm::proxy
