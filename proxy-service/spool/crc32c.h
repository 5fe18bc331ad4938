#pragma once

#include <cstdint>
#include <string_view>

namespace vdm::proxy {

/// CRC-32C (Castagnoli) of the bytes, with the processor's instruction where it has one. Pure.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace vdm::proxy
