#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vdm::settings {

/// The value of each setting and where it came from, which --show-config prints. Loading fills it;
/// a later value replaces an earlier one. It records that a key is set, never the key's text. Pure.
/// Thread: one at a time.
class ValueSources {
 public:
  static constexpr std::string_view Default = "default";

  /// `from`: "default", "environment", "flag --port", "file". An empty value is "unset".
  void set(std::string_view name, std::string_view value, std::string_view from);

  /// Whether the value comes from elsewhere than the default.
  bool is_set(std::string_view name) const;

  /// One line per setting, sorted by name: name, value and source, separated by tabs.
  std::string text() const;

 private:
  struct Source {
    std::string value;
    std::string from;
  };
  std::map<std::string, Source, std::less<>> settings_;
};

/// Describes where a value was found: `key` is a flag, the variable itself, or a key of the file.
std::string source_of(std::string_view key, std::string_view variable);

}  // namespace vdm::settings
