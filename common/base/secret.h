#pragma once

#include <string>
#include <string_view>

namespace vdm {

/// A key. It cannot be printed, formatted, compared or converted by accident:
/// whoever needs the text says reveal(), and those places can be counted.
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
