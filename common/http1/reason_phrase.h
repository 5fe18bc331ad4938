#pragma once

#include <string_view>

namespace vdm::http1 {

/// The reason phrase behind a status, on all our ports; "Unknown" for an uncommon status. The
/// phrases are RFC 9110's; Boost 1.81's own table is older than it. Thread: any.
std::string_view reason_phrase(int status);

}  // namespace vdm::http1
