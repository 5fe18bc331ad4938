#pragma once

#include <cstdint>
#include <string_view>

#include <boost/json/object.hpp>

#include "proxy-service/convert/json/thinned_json.h"

namespace vdm::proxy {

/// Estimates the input tokens of an Anthropic request, for targets that cannot count them. The
/// estimate errs a little on the high side, so that a client compacts in time:
///
///   text      letters, digits and lone blanks 4 to a token, further blanks of a run
///             12, other ASCII 2, a character of two bytes 2, of three 1, of four half
///   message   3 more; system 3 more; a tool call or its result 8 more
///   tools     name, description and schema as text, 8 more each, and 346 for having any
///   image     width * height / 750 after shrinking to 1,568 on the longer side and
///             1,600 tokens; 1,600 when its size is unknown
///   document  a PDF 2,000 for every 50,000 bytes begun; text as text
///
/// Returns at least 1. Never fails: it counts a block that it does not know as text. Pure.
///
/// `thinned`: what the request was parsed of, whose long strings count too; null: it is whole.
std::uint64_t estimate_input_tokens(const boost::json::object& request,
                                    const ThinnedJson* thinned = nullptr);

/// The tokens of a text by the first rule above, for estimates of other texts.
std::uint64_t estimate_text_tokens(std::string_view text);

}  // namespace vdm::proxy
