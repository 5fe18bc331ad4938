#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "proxy-service/body/json_members.h"

namespace vdm::proxy {

/// Reads in passing what an answer says of its model and its usage, in JSON or in the events of a
/// stream, whatever its size: it holds one of each. Bounds: ValueBytesMax of either. Thread: its
/// owner's.
class AnswerUsage {
 public:
  static constexpr std::size_t ValueBytesMax = 4 * 1024;

  enum class Form : std::uint8_t {
    Other,  ///< audio, a file: it says neither
    Json,
    Events,
  };
  static Form form_of(std::string_view content_type);

  explicit AnswerUsage(Form form) : form_(form) {}

  Form form() const { return form_; }
  void push(std::string_view bytes);
  /// All of it has come: a small answer that says the same as it did, for a Tap; empty when it said
  /// nothing. `with_model`: a model was asked for.
  std::string summary(bool with_model);

 private:
  void push_events(std::string_view bytes);
  void end_line();
  void note();

  static constexpr std::array<std::string_view, 2> Names{"usage", "model"};

  Form form_;
  JsonMembers members_{Names, ValueBytesMax};
  std::string usage_;  ///< as it was written
  std::string model_;
  std::size_t line_at_ = 0;  ///< so much of the line has come, up to its text
  bool is_data_ = true;
};

}  // namespace vdm::proxy
