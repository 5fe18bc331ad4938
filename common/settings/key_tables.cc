#include "common/settings/key_tables.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <absl/time/time.h>

#include "common/base/suggest.h"

namespace vdm::settings {
namespace {

constexpr std::array<std::string_view, 3> Members{"sha256", "role", "expires"};

/// Reads one table; what is wrong is noted with the table's name, a hash never shown.
class KeyTable {
 public:
  KeyTable(std::string prefix, Faults& faults) : prefix_(std::move(prefix)), faults_(faults) {}

  AccessKey read(const std::string& name, const FileNode& node) {
    AccessKey key{.name = name};
    if (!is_key_name(name)) fault("", "expected a name of 1 to 64 letters, digits, '.', '-', '_'");
    if (!node.is_table()) {
      fault("", "expected a table");
      return key;
    }
    for (const auto& [member, value] : node.entries) check_name(member);
    read_digest(node, key);
    read_role(node, key);
    read_expiry(node, key);
    return key;
  }

 private:
  void fault(std::string_view member, std::string_view what) {
    const std::string dot = member.empty() ? "" : ".";
    faults_.push_back(prefix_ + dot + std::string(member) + ": " + std::string(what));
  }

  void check_name(const std::string& member) {
    if (std::ranges::find(Members, member) != Members.end()) return;
    fault(member, no_such_setting(member, "", {Members.begin(), Members.end()}));
  }

  void read_digest(const FileNode& node, AccessKey& key) {
    const FileNode* digest = node.find("sha256");
    const auto parsed = digest ? sha256_of_hex(digest->as_text("").value_or("")) : std::nullopt;
    if (parsed) {
      key.digest = *parsed;
    } else {
      fault("sha256",
            "expected the key's SHA-256 as 64 hexadecimal digits; `vdm keys new` makes one");
    }
  }

  void read_role(const FileNode& node, AccessKey& key) {
    const FileNode* role = node.find("role");
    const auto parsed = role ? parse_role(role->as_text("").value_or("")) : std::nullopt;
    if (parsed) {
      key.role = *parsed;
    } else {
      fault("role", std::string("expected ").append(RoleWords));
    }
  }

  void read_expiry(const FileNode& node, AccessKey& key) {
    const FileNode* expires = node.find("expires");
    if (expires == nullptr) return;
    const bool is_date = expires->kind == FileNode::Kind::Other;
    key.expires = parse_expiry(is_date ? expires->text : expires->as_text("").value_or(""));
    if (!key.expires) fault("expires", "expected a day such as 2027-01-31, or a time in UTC");
  }

  const std::string prefix_;
  Faults& faults_;
};

}  // namespace

bool is_key_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
  });
}

std::optional<SystemTime> parse_expiry(std::string_view text) {
  absl::Time time;
  std::string unparsed;
  const std::string whole(text);
  for (const char* format : {"%Y-%m-%d", absl::RFC3339_full}) {
    if (!absl::ParseTime(format, whole, &time, &unparsed)) continue;
    if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) continue;
    return absl::ToChronoTime(time);
  }
  return std::nullopt;
}

std::vector<AccessKey> read_key_tables(const FileNode& root, const std::string& file,
                                       Faults& faults) {
  std::vector<AccessKey> keys;
  const FileNode* tables = root.find("keys");
  if (tables == nullptr) return keys;
  if (!tables->is_table() || tables->entries.size() > KeyTablesMax) {
    faults.push_back(file + ": keys: expected at most " + std::to_string(KeyTablesMax) +
                     " tables [keys.NAME]");
    return keys;
  }
  for (const auto& [name, node] : tables->entries) {
    AccessKey key = KeyTable(file + ": keys." + name, faults).read(name, node);
    const auto same = std::ranges::find(keys, key.digest, &AccessKey::digest);
    if (same != keys.end() && key.digest != Sha256{}) {
      faults.push_back(file + ": keys." + name + ": the same key as keys." + same->name);
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace vdm::settings
