#pragma once

#include <string>
#include <string_view>

namespace vdm::proxy {

/// Foreign text for a report: at most 256 bytes, on one line, without what might be
/// a key or a token, and without quoted passages that might be a prompt or an
/// answer. Quoted names stay: "the model 'gpt-4o' does not exist". Pure.
std::string redacted(std::string_view text);

}  // namespace vdm::proxy
