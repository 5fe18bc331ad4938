#pragma once

#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace vdm::cli {

/// A message as JSON on one line: members named as in the contract, enum values as
/// short lower-case words ("upstream_error"), counts as numbers, scalars always there,
/// messages only where they are set. Control characters are escaped, those of direction too:
/// a terminal shows the text and does not obey it. Pure. Thread: any.
std::string json_text(const google::protobuf::Message& message);

/// The value of an enum as a word: "OUTCOME_UPSTREAM_ERROR" of Outcome is "upstream_error".
std::string short_name(std::string_view enum_name, std::string_view value_name);

}  // namespace vdm::cli
