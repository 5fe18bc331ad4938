#pragma once

#include <string>
#include <string_view>

namespace vdm::fakes {

/// How a provider may compress an answer.
enum class Coding { Gzip, Deflate, RawDeflate };

std::string compressed(std::string_view text, Coding coding);

}  // namespace vdm::fakes
