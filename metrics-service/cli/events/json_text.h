#pragma once

#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace vdm::cli {

/// A message as JSON on one line: member names as in the .proto file, enum values as short
/// lower-case words ("upstream_error"), counts as numbers; scalars are always written, messages
/// only when they are set. Control characters and those that change the direction of text are
/// escaped, so that a terminal shows them and does not act on them. Pure. Thread: any.
std::string json_text(const google::protobuf::Message& message);

/// An enum value as a word: "OUTCOME_UPSTREAM_ERROR" of Outcome becomes "upstream_error".
std::string short_name(std::string_view enum_name, std::string_view value_name);

}  // namespace vdm::cli
