#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace vdm::proxy {

/// Converts a tool call's arguments, which are a text in OpenAI's dialect and an object in
/// Anthropic's. Models and servers write "no arguments" in several ways: an empty or blank text,
/// null, or an empty array (as PHP writes an empty object). Some write the text twice over, as a
/// JSON string in the text. All of these are read as what they mean. A model may also break off the
/// text or get it wrong: such a text becomes {"_raw_arguments": text}, so that the client sees it,
/// and converts back to the same text. Never fails.

/// `text` may nest as deep as any body.
boost::json::object arguments_object(std::string_view text);

/// From an object, or from a text where an object should be. Any other value means none: {}.
std::string arguments_text(const boost::json::value& input);
/// The text as an OpenAI client can read it: {} for no arguments, else as it is but for the
/// writing twice over.
std::string arguments_meant_by(std::string_view text);

}  // namespace vdm::proxy
