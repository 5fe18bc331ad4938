#pragma once

#include <string_view>

namespace vdm {

/// Whether `part` stands anywhere in `text`. Pure.
inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace vdm
