#include "common/settings/file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <system_error>

#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include "common/base/file_text.h"
#include "common/base/private_file.h"
#include "common/base/suggest.h"

namespace vdm::settings {
namespace {

constexpr std::size_t FileBytesMax = 4 * 1024 * 1024;

std::string text_of(double number) {
  std::array<char, 32> digits{};
  const auto [end, fault] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), end};
}

FileNode plain(std::string text) {
  return {.kind = FileNode::Kind::Plain, .text = std::move(text)};
}

FileNode node_of(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    FileNode out;
    for (const auto& [key, inner] : *table) {
      out.entries.emplace_back(key.str(), node_of(inner));
    }
    return out;
  }
  if (const auto* array = node.as_array()) {
    FileNode out{.kind = FileNode::Kind::List};
    for (const auto& inner : *array) out.items.push_back(node_of(inner));
    return out;
  }
  if (const auto* text = node.as_string()) {
    return {.kind = FileNode::Kind::Text, .text = text->get()};
  }
  if (const auto* truth = node.as_boolean()) return plain(truth->get() ? "true" : "false");
  if (const auto* whole = node.as_integer()) return plain(std::to_string(whole->get()));
  if (const auto* number = node.as_floating_point()) return plain(text_of(number->get()));
  std::ostringstream time;
  if (const auto* at = node.as_date_time()) time << at->get();
  if (const auto* day = node.as_date()) time << day->get();
  return {.kind = FileNode::Kind::Other, .text = time.str()};
}

}  // namespace

const FileNode* FileNode::find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &std::pair<std::string, FileNode>::first);
  return found == entries.end() ? nullptr : &found->second;
}

std::optional<std::string> FileNode::as_text(std::string_view separator) const {
  if (kind == Kind::Text || kind == Kind::Plain) return text;
  if (kind != Kind::List) return std::nullopt;
  std::string joined;
  for (const FileNode& node : items) {
    const auto each = node.as_text(separator);
    if (!each) return std::nullopt;
    joined.append(joined.empty() ? "" : separator).append(*each);
  }
  return joined;
}

FileNode parse_file(std::string_view text, const std::string& name, Faults& faults) {
  try {
    return node_of(toml::parse(text, name));
  } catch (const toml::parse_error& error) {
    // toml++ throws; its message says what it expected, and one character that it found.
    std::ostringstream where;
    where << name << ": line " << error.source().begin.line << ": " << error.description();
    faults.push_back(where.str());
    return {};
  }
}

FileNode read_file(const std::string& name, MissingFile missing, Faults& faults) {
  std::error_code unknown;
  const auto kind = std::filesystem::status(name, unknown).type();
  if (kind == std::filesystem::file_type::not_found && missing == MissingFile::Empty) return {};
  const auto text = read_file_text(name, FileBytesMax);
  if (!text) {
    const bool is_named = missing == MissingFile::Fault;
    faults.push_back(is_named ? "--config: cannot read '" + name + "'"
                              : name + ": it is there, and cannot be read");
    return {};
  }
  if (text->size() > FileBytesMax) {
    faults.push_back(name + ": expected at most " + std::to_string(FileBytesMax) + " bytes");
    return {};
  }
  return parse_file(*text, name, faults);
}

namespace {

/// Whether a table, or one in it, has a member that is a key.
bool holds_keys(const FileNode& node) {
  constexpr std::array<std::string_view, 4> Names{"api-key", "api-keys", "ingest-token",
                                                  "custom-headers"};
  return std::ranges::any_of(node.entries, [&Names](const auto& entry) {
    return std::ranges::find(Names, entry.first) != Names.end() || holds_keys(entry.second);
  });
}

}  // namespace

std::string exposed_file(const std::string& name, const FileNode& root) {
  struct stat found {};
  if (::stat(name.c_str(), &found) != 0) return {};
  const unsigned harmful = S_IWGRP | S_IWOTH | (holds_keys(root) ? S_IRGRP | S_IROTH : 0U);
  const std::string why = (found.st_mode & harmful) == 0 ? "" : exposure(name, found.st_mode);
  return why.empty() ? why : name + ": " + why;
}

bool is_owners_alone(const std::string& name) {
  struct stat found {};
  if (::stat(name.c_str(), &found) != 0) return false;
  const bool is_ours = found.st_uid == ::geteuid() || found.st_uid == 0;
  return is_ours && (found.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

FileValues::FileValues(const Settings& settings, std::string file) : file_(std::move(file)) {
  for (const Setting& setting : settings) {
    if (!setting.key.empty()) names_.push_back(setting.key);
  }
}

void FileValues::take(const std::string& key, const FileNode& node, Faults& faults) {
  if (std::ranges::find(names_, key) == names_.end()) {
    faults.push_back(file_ + ": " + key + ": " + no_such_setting(key, "", names_));
  } else if (auto text = node.as_text(",")) {
    values_.insert_or_assign(key, std::move(*text));
  } else {
    faults.push_back(file_ + ": " + key + ": expected a plain value");
  }
}

const std::string* FileValues::find(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

}  // namespace vdm::settings
