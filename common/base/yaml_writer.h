#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vdm {

/// A scalar as YAML: plain where that is safe, else in double quotes.
std::string yaml_scalar(std::string_view text);

/// Writes a YAML mapping line by line, in the order of the calls. It trusts no text: it quotes one
/// that YAML would read as something else. Thread: one at a time.
class YamlWriter {
 public:
  /// Begins a member whose value is a mapping; the calls up to end() write that mapping.
  YamlWriter& begin(std::string_view name);
  YamlWriter& end();

  YamlWriter& member(std::string_view name, std::string_view text);
  YamlWriter& member(std::string_view name, const char* text) {
    return member(name, std::string_view(text));
  }
  YamlWriter& member(std::string_view name, bool truth) {
    return raw(name, truth ? "true" : "false");
  }
  /// Writes the number with a point, so that YAML reads it as a fraction.
  YamlWriter& member(std::string_view name, double number);
  template <std::integral Number>
  YamlWriter& member(std::string_view name, Number number) {
    return raw(name, std::to_string(number));
  }
  /// Writes a member whose value is YAML text already: "null", "{}", "'2026-11-22'".
  YamlWriter& raw(std::string_view name, std::string_view value);
  /// Writes a comment on one line, even when `text` has line ends.
  YamlWriter& comment(std::string_view text);
  YamlWriter& empty_line();

  std::string take() { return std::exchange(text_, {}); }

 private:
  void line(std::string_view name, std::string_view rest);

  std::string text_;
  std::size_t depth_ = 0;
};

}  // namespace vdm
