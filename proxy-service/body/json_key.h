#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace vdm::proxy {

/// A JSON object's key as it stands between its quotes. Every member of every body is compared with
/// several literals, so the comparison is inline and looks at the size first. Thread: any.
class JsonKey {
 public:
  explicit JsonKey(std::string_view text) : text_(text) {}

  std::string_view text() const { return text_; }

  template <std::size_t Size>
  bool operator==(const char (&name)[Size]) const {
    return text_.size() == Size - 1 && std::memcmp(text_.data(), name, Size - 1) == 0;
  }

 private:
  std::string_view text_;
};

}  // namespace vdm::proxy
