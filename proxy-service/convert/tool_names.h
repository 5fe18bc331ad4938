#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vdm::proxy {

/// Makes tool names legal upstream ([A-Za-z0-9_-], 1 to 64 of them, no two alike)
/// and restores them on the way back. Filled by a request, read by its answer.
/// The same names in the same order give the same legal names. Pure.
class ToolNames {
 public:
  static constexpr std::size_t length_max = 64;

  /// The legal name that stands for `original`; a legal one stands for itself.
  /// Remembered, and the reference is good for as long as this lives.
  const std::string& legal(std::string_view original);

  /// The name a client knows; the name itself when it is unknown here.
  std::string_view original(std::string_view legal) const;

  /// No name had to be changed, so that there is nothing to restore.
  bool empty() const { return originals_.empty(); }

 private:
  std::map<std::string, std::string, std::less<>> legal_names_;  ///< by original name
  std::map<std::string, std::string, std::less<>> originals_;  ///< the changed ones, by legal name
};

}  // namespace vdm::proxy
