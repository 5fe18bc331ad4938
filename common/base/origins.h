#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vdm {

/// What each setting is, and where that came from: what a service says when asked with
/// --show-config. Written while it loads; what is said later of a setting replaces what was
/// said before. A key's text is never kept, only that there is one. Pure. Thread: one at a time.
class Origins {
 public:
  /// `from`: "default", "environment", "flag --port", "file". An empty value is "unset".
  void set(std::string_view name, std::string_view value, std::string_view from);

  /// A line for each setting, sorted by name: name, value and origin with tabs between.
  std::string text() const;

 private:
  struct Origin {
    std::string value;
    std::string from;
  };
  std::map<std::string, Origin, std::less<>> settings_;
};

/// Where a value was found, by the key it goes by there: a flag, a variable of the
/// environment, or else a setting of the file.
std::string origin_of(std::string_view key, std::string_view variable);

}  // namespace vdm
