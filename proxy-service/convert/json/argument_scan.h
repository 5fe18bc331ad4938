#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vdm::proxy {

/// Follows the JSON text of a tool call's arguments as it comes in pieces, to know
/// when the call has all of them. It sees the text as it is written between the
/// quotes of a JSON string, escapes and all, and judges no grammar. Pure.
class ArgumentScan {
 public:
  /// How many leading bytes of `as_written` belong to the arguments: all of them,
  /// until the object they are has been closed. White space after it belongs too.
  /// Each piece has whole escapes.
  std::size_t take(std::string_view as_written);

  bool begun() const { return begun_; }
  /// The object (or array) has been closed.
  bool complete() const { return complete_; }
  /// It has been closed with nothing inside.
  bool empty() const { return complete_ && !has_members_; }

 private:
  void see(char c);

  std::uint32_t depth_ = 0;
  bool begun_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
  bool has_members_ = false;
  bool complete_ = false;
};

}  // namespace vdm::proxy
