#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace vdm::proxy {

/// Converts a tool call's arguments, which are a text in OpenAI's dialect and an object in
/// Anthropic's. A model may break off the text or get it wrong. Such a text becomes
/// {"_raw_arguments": text}, so that the client sees it, and converts back to the same text. Never
/// fails.

/// An empty text becomes an empty object. `text` may nest as deep as any body.
boost::json::object arguments_object(std::string_view text);

std::string arguments_text(const boost::json::value& input);

}  // namespace vdm::proxy
