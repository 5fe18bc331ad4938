#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace vdm::proxy {

/// A tool call's arguments: a text in OpenAI's dialect, an object in Anthropic's.
/// Text that a model broke off or got wrong is kept, to be seen by who called it,
/// as {"_raw_arguments": text}, and is that text again on its way back. Never fails.

/// An empty text is no arguments. `text` is at most as deep as any body.
boost::json::object arguments_object(std::string_view text);

std::string arguments_text(const boost::json::value& input);

}  // namespace vdm::proxy
