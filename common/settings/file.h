#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/settings/setting.h"

namespace vdm::settings {

/// The content of a configuration file, independent of the file's syntax. Plain data.
struct FileNode {
  enum class Kind { Text, Plain, List, Table, Other };

  Kind kind = Kind::Table;
  /// Text; Plain: a number or truth, Other: a date, as it would be written.
  std::string text{};
  std::vector<FileNode> items{};                            ///< List
  std::vector<std::pair<std::string, FileNode>> entries{};  ///< Table, by name

  bool is_table() const { return kind == Kind::Table; }
  bool is_list() const { return kind == Kind::List; }
  bool is_text() const { return kind == Kind::Text; }
  const FileNode* find(std::string_view key) const;
  /// The value as the environment would have it, a list's items joined. Nothing for a table.
  std::optional<std::string> as_text(std::string_view separator) const;
};

/// Parses a file's tables; `name` is the file's name for faults. Empty, with a fault, when the text
/// is malformed.
FileNode parse_file(std::string_view text, const std::string& name, Faults& faults);

/// Reads a file from the disk. A missing file is a fault only when it was named
/// (MissingFile::Fault); one that is there and cannot be read, in any case: it may hold the key.
enum class MissingFile { Empty, Fault };
FileNode read_file(const std::string& name, MissingFile missing, Faults& faults);

/// Why the file should be its owner's alone and is not, as a notice for a person: it holds keys and
/// others can read it, or others can change what it says. Empty: nothing of the kind.
std::string exposed_file(const std::string& name, const FileNode& root);

/// Whether nobody but us and root can have written the file: its owner is one of them, and its
/// mode lets nobody else write.
bool is_owners_alone(const std::string& name);

/// The values that a file gives to settings, by the settings' keys.
class FileValues {
 public:
  /// `file`: its name for faults.
  FileValues(const Settings& settings, std::string file);

  /// Takes one value. An unknown key is a fault that suggests the most similar setting.
  void take(const std::string& key, const FileNode& node, Faults& faults);
  const std::string* find(std::string_view key) const;

 private:
  std::string file_;
  std::vector<std::string_view> names_;
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace vdm::settings
