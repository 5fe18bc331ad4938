#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/settings/setting.h"

namespace vdm::settings {

/// What stands in a configuration file, without a word of how it is written. Pure data.
struct FileNode {
  enum class Kind { Text, Plain, List, Table, Other };

  Kind kind = Kind::Table;
  std::string text{};             ///< Text; Plain: a number or truth, as it would be written
  std::vector<FileNode> items{};  ///< List
  std::vector<std::pair<std::string, FileNode>> entries{};  ///< Table, by name

  bool is_table() const { return kind == Kind::Table; }
  bool is_list() const { return kind == Kind::List; }
  bool is_text() const { return kind == Kind::Text; }
  const FileNode* find(std::string_view key) const;
  /// As it would stand in the environment; lists are joined. Nothing for a table.
  std::optional<std::string> as_text(std::string_view separator) const;
};

/// The file's tables. `name` is how it is called in what is reported. Empty with a fault when it
/// is malformed.
FileNode parse_file(std::string_view text, const std::string& name, Faults& faults);

/// The same of a file on disk; one that is not there is a fault if it was `asked` for.
enum class Asked { No, ByName };
FileNode read_file(const std::string& name, Asked asked, Faults& faults);

/// What a file says of settings, by their key.
class FileValues {
 public:
  /// `file` is its name, for what is reported.
  FileValues(const Settings& settings, std::string file);

  /// Takes one; a name that no setting has is a fault, with the one that was likely meant.
  void take(const std::string& key, const FileNode& node, Faults& faults);
  const std::string* find(std::string_view key) const;

 private:
  std::string file_;
  std::vector<std::string_view> names_;
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace vdm::settings
