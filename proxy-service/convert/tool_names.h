#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vdm::proxy {

/// Makes tool names legal for the provider (1 to 64 of [A-Za-z0-9_-], no two alike) and restores
/// them in the answer. The conversion of a request fills it, and that of the answer reads it. The
/// same names in the same order give the same legal names. Pure.
class ToolNames {
 public:
  static constexpr std::size_t length_max = 64;

  /// Returns the legal name for `original` and remembers it; a legal name stays as it is unless it
  /// is taken. The reference is valid for as long as this object.
  const std::string& legal(std::string_view original);

  /// The client's name for a legal name; `legal` itself when this object does not know it.
  std::string_view original(std::string_view legal) const;

  /// Whether no name was changed, so that there is nothing to restore.
  bool empty() const { return originals_.empty(); }

 private:
  std::map<std::string, std::string, std::less<>> legal_names_;  ///< by original name
  std::map<std::string, std::string, std::less<>> originals_;    ///< changed names, by legal name
};

}  // namespace vdm::proxy
