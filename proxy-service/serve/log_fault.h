#pragma once

#include <exception>
#include <string_view>

namespace vdm::proxy {

/// One line about what was thrown and should not have been. Needs no memory to succeed: where
/// there is none, there is no line. Thread: any.
void log_fault(std::string_view what, const std::exception_ptr& fault,
               std::string_view request_id = "") noexcept;

}  // namespace vdm::proxy
