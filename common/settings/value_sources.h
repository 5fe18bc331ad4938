#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vdm::settings {

/// What each setting is, and where that came from: what a service says when asked with
/// --show-config. Written while it loads; what is said later of a setting replaces what was
/// said before. A key's text is never kept, only that there is one. Pure. Thread: one at a time.
class ValueSources {
 public:
  static constexpr std::string_view Default = "default";

  /// `from`: "default", "environment", "flag --port", "file". An empty value is "unset".
  void set(std::string_view name, std::string_view value, std::string_view from);

  /// Whether somebody said what it is.
  bool is_set(std::string_view name) const;

  /// A line for each setting, sorted by name: name, value and source with tabs between.
  std::string text() const;

 private:
  struct Source {
    std::string value;
    std::string from;
  };
  std::map<std::string, Source, std::less<>> settings_;
};

/// Where a value was found, by the key it goes by there: a flag, a variable of the
/// environment, or else a setting of the file.
std::string source_of(std::string_view key, std::string_view variable);

}  // namespace vdm::settings
