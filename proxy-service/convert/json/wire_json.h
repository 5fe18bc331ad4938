#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "common/base/result.h"

namespace vdm::proxy {

/// JSON as it comes and goes. Numbers keep their value and whether they are whole,
/// which Boost.JSON's own reading (a last digit) and writing (7E-1) do not promise.
/// Bounds: depth_max levels, as everywhere; the size is the caller's. Pure.

/// A request's or an answer's body. Of a name that comes twice the last one counts;
/// where that would matter the request scan has refused it. A fault never quotes.
Result<boost::json::object> parse_body(std::string_view text);

/// The same for any value: an error answer may be a list.
Result<boost::json::value> parse_value(std::string_view text);

/// Appends `value` as text, without blanks.
void append_json(const boost::json::value& value, std::string& text);
std::string json_text(const boost::json::value& value);

}  // namespace vdm::proxy
