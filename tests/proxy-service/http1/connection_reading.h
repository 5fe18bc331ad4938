#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vdm::http1 {

/// What reading a connection's bytes comes to, as one comparable text: every head,
/// every body, and the refusal that ended it, if one did. The bytes arrive in the
/// given parts, and each part moves the buffer, as a growing one would.
std::string read_requests(const std::vector<std::string_view>& parts);
std::string read_responses(const std::vector<std::string_view>& parts);

/// One chunked body and the bytes behind it.
std::string read_chunked(const std::vector<std::string_view>& parts);

}  // namespace vdm::http1
