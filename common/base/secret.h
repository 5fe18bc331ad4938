#pragma once

#include <string>
#include <string_view>

namespace vdm {

/// A key. Code cannot print, format, compare or convert it by accident: where it needs the text it
/// calls reveal(), and a search finds all those places.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  bool empty() const { return text_.empty(); }
  std::string_view reveal() const { return text_; }

 private:
  std::string text_;
};

}  // namespace vdm
