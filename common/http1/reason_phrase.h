#pragma once

#include <string_view>

namespace vdm::http1 {

/// The words that stand behind a status, on every port of ours; "Unknown" when it is not a
/// common one. RFC 9110's words, which Boost 1.81's own table predates. Thread: any.
std::string_view reason_phrase(int status);

}  // namespace vdm::http1
