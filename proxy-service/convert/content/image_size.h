#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vdm::proxy {

struct ImageSize {
  std::uint32_t width;
  std::uint32_t height;

  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

/// Reads the size in pixels from the header of a Base64-encoded PNG, JPEG, GIF or WebP. It decodes
/// at most the first 64 KiB, and returns nothing when the size is not in there. Pure.
std::optional<ImageSize> image_size(std::string_view base64);

}  // namespace vdm::proxy
