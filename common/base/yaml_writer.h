#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vdm {

/// A scalar as YAML: plain where that is safe, else in double quotes.
std::string yaml_scalar(std::string_view text);

/// Writes a YAML mapping, line by line in the order it is given. Text is foreign: it is quoted
/// where it would be read as something else. Thread: one at a time.
class YamlWriter {
 public:
  /// The member whose value is the mapping that follows, up to end().
  YamlWriter& begin(std::string_view name);
  YamlWriter& end();

  YamlWriter& member(std::string_view name, std::string_view text);
  YamlWriter& member(std::string_view name, const char* text) {
    return member(name, std::string_view(text));
  }
  YamlWriter& member(std::string_view name, bool truth) {
    return raw(name, truth ? "true" : "false");
  }
  /// With a point, so that it is read as a fraction.
  YamlWriter& member(std::string_view name, double number);
  template <std::integral Number>
  YamlWriter& member(std::string_view name, Number number) {
    return raw(name, std::to_string(number));
  }
  /// A value that is YAML already: "null", "{}", "'2026-11-22'".
  YamlWriter& raw(std::string_view name, std::string_view value);
  /// On one line, whatever is in it.
  YamlWriter& comment(std::string_view text);
  YamlWriter& empty_line();

  std::string take() { return std::exchange(text_, {}); }

 private:
  void line(std::string_view name, std::string_view rest);

  std::string text_;
  std::size_t depth_ = 0;
};

}  // namespace vdm
