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

/// The size in pixels that the header of a PNG, JPEG, GIF or WebP says, given in
/// Base64. Decodes at most its first 64 KiB; nothing when it is not found there. Pure.
std::optional<ImageSize> image_size(std::string_view base64);

}  // namespace vdm::proxy
