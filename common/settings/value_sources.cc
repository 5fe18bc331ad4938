#include "common/settings/value_sources.h"

namespace vdm::settings {
namespace {

/// Whether the setting is a key, or a custom header, which may be a credential as well.
bool is_secret(std::string_view name) {
  return name.ends_with("_API_KEY") || name.find("_CUSTOM_HEADER_") != name.npos;
}

/// The text as one line: control characters become '?'.
std::string on_one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return line;
}

}  // namespace

void ValueSources::set(std::string_view name, std::string_view value, std::string_view from) {
  const bool is_set = !value.empty();
  Source source{is_set ? on_one_line(value) : "unset", on_one_line(from)};
  if (is_set && is_secret(name)) source.value = "set";
  settings_.insert_or_assign(std::string(name), std::move(source));
}

bool ValueSources::is_set(std::string_view name) const {
  const auto found = settings_.find(name);
  return found != settings_.end() && found->second.from != Default;
}

std::string ValueSources::text() const {
  std::string text;
  for (const auto& [name, source] : settings_) {
    text.append(on_one_line(name)).append("\t").append(source.value);
    text.append("\t").append(source.from).append("\n");
  }
  return text;
}

std::string source_of(std::string_view key, std::string_view variable) {
  if (key.starts_with("--")) return "flag " + std::string(key);
  if (key == variable) return "environment";
  return "file, " + std::string(key);
}

}  // namespace vdm::settings
