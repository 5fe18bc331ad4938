#include "common/base/yaml_writer.h"

#include <algorithm>
#include <array>

#include <absl/strings/ascii.h>

#include "common/base/json_writer.h"

namespace vdm {

std::string yaml_scalar(std::string_view text) {
  constexpr std::array<std::string_view, 11> Words{"true", "false", "null", "yes", "no", "on",
                                                   "off",  "y",     "n",    "nan", "inf"};
  const std::string lowered = absl::AsciiStrToLower(absl::string_view(text.data(), text.size()));
  const auto plain = [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.' || c == '/';
  };
  const bool safe = !text.empty() && absl::ascii_isalpha(static_cast<unsigned char>(text[0])) &&
                    std::ranges::all_of(text, plain) &&
                    std::ranges::find(Words, lowered) == Words.end();
  if (safe) return std::string(text);
  return JsonWriter().value(text).take();  // YAML reads JSON's escapes in double quotes
}

void YamlWriter::line(std::string_view name, std::string_view rest) {
  text_.append(depth_ * 2, ' ').append(yaml_scalar(name)).append(":").append(rest).append("\n");
}

YamlWriter& YamlWriter::begin(std::string_view name) {
  line(name, "");
  ++depth_;
  return *this;
}

YamlWriter& YamlWriter::end() {
  --depth_;
  return *this;
}

YamlWriter& YamlWriter::member(std::string_view name, std::string_view text) {
  return raw(name, yaml_scalar(text));
}

YamlWriter& YamlWriter::member(std::string_view name, double number) {
  std::string digits = JsonWriter().value(number).take();
  if (digits.find_first_of(".en") == std::string::npos) digits += ".0";
  return raw(name, digits);
}

YamlWriter& YamlWriter::raw(std::string_view name, std::string_view value) {
  line(name, " " + std::string(value));
  return *this;
}

YamlWriter& YamlWriter::comment(std::string_view text) {
  std::string safe(text);
  std::ranges::replace_if(
      safe, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  text_.append(depth_ * 2, ' ').append("# ").append(safe).append("\n");
  return *this;
}

YamlWriter& YamlWriter::empty_line() {
  text_ += "\n";
  return *this;
}

}  // namespace vdm
