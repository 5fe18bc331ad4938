#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vdm::proxy {

/// Follows the JSON text of a tool call's arguments, which comes in pieces, to find where it ends.
/// It reads the text as it stands between the quotes of a JSON string, with its escapes, and does
/// not check the grammar. Pure.
class ArgumentScan {
 public:
  /// Returns how many leading bytes of `as_written` belong to the arguments: all bytes up to the
  /// end of the object, and white space after it. A piece must not split an escape.
  std::size_t take(std::string_view as_written);

  bool begun() const { return begun_; }
  /// Whether it has begun as an object.
  bool is_object() const { return is_object_; }
  /// Whether the object (or array) has ended.
  bool complete() const { return complete_; }
  /// Whether it has ended and is empty.
  bool empty() const { return complete_ && !has_members_; }

 private:
  void see(char c);

  std::uint32_t depth_ = 0;
  bool begun_ = false;
  bool is_object_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
  bool has_members_ = false;
  bool complete_ = false;
};

}  // namespace vdm::proxy
