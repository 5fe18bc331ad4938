#include "proxy-service/convert/content/image_size.h"

#include <string>

#include "proxy-service/convert/content/base64.h"

namespace vdm::proxy {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t HeaderBase64Max = 64 * 1024 / 3 * 4;

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint32_t big_endian_16(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

std::uint32_t little_endian_16(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at + 1) << 8 | byte_at(bytes, at);
}

std::optional<ImageSize> size_of_png(std::string_view bytes) {
  if (bytes.size() < 24) return std::nullopt;
  return ImageSize{big_endian_16(bytes, 16) << 16 | big_endian_16(bytes, 18),
                   big_endian_16(bytes, 20) << 16 | big_endian_16(bytes, 22)};
}

/// Walks over the segments, such as a camera's metadata, to the frame's header.
std::optional<ImageSize> size_of_jpeg(std::string_view bytes) {
  for (std::size_t at = 2; at + 9 < bytes.size();) {
    if (byte_at(bytes, at) != 0xFF) return std::nullopt;
    const std::uint32_t marker = byte_at(bytes, at + 1);
    if (marker == 0xFF) {  // padding
      ++at;
      continue;
    }
    const bool is_frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame) return ImageSize{big_endian_16(bytes, at + 7), big_endian_16(bytes, at + 5)};
    at += 2 + big_endian_16(bytes, at + 2);
  }
  return std::nullopt;
}

std::optional<ImageSize> size_of_gif(std::string_view bytes) {
  if (bytes.size() < 10) return std::nullopt;
  return ImageSize{little_endian_16(bytes, 6), little_endian_16(bytes, 8)};
}

std::optional<ImageSize> size_of_webp(std::string_view bytes) {
  if (bytes.size() < 30) return std::nullopt;
  const std::string_view kind = bytes.substr(12, 4);
  if (kind == "VP8 "sv) {
    return ImageSize{little_endian_16(bytes, 26) & 0x3FFF, little_endian_16(bytes, 28) & 0x3FFF};
  }
  if (kind == "VP8L"sv) {
    const std::uint32_t bits = little_endian_16(bytes, 21) | little_endian_16(bytes, 23) << 16;
    return ImageSize{(bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1};
  }
  if (kind == "VP8X"sv) {
    return ImageSize{(little_endian_16(bytes, 24) | byte_at(bytes, 26) << 16) + 1,
                     (little_endian_16(bytes, 27) | byte_at(bytes, 29) << 16) + 1};
  }
  return std::nullopt;
}

}  // namespace

std::optional<ImageSize> image_size(std::string_view base64) {
  const auto header = base64_decoded(base64.substr(0, HeaderBase64Max));
  if (!header) return std::nullopt;
  const std::string_view bytes = *header;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return size_of_png(bytes);
  if (bytes.starts_with("\xFF\xD8"sv)) return size_of_jpeg(bytes);
  if (bytes.starts_with("GIF8"sv)) return size_of_gif(bytes);
  if (bytes.starts_with("RIFF"sv) && bytes.substr(8).starts_with("WEBP"sv)) {
    return size_of_webp(bytes);
  }
  return std::nullopt;
}

}  // namespace vdm::proxy
