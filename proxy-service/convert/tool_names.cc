#include "proxy-service/convert/tool_names.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "common/base/digest.h"

namespace vdm::proxy {
namespace {

bool is_legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// Replaces each illegal character by one underscore, however many bytes the character has.
std::string with_legal_characters(std::string_view name) {
  std::string legal;
  for (const char c : name) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (is_legal(c)) {
      legal.push_back(c);
    } else if (!continues) {
      legal.push_back('_');
    }
  }
  if (legal.empty()) legal = "_";
  return legal;
}

/// Shortens the name and appends a mark, a hash of the original name, which is the same in every
/// turn.
std::string with_mark(std::string_view legal, std::string_view original, int attempt) {
  constexpr std::size_t MarkLength = 9;
  const std::uint64_t hash = fnv1a_64(std::to_string(attempt).append(original)) & 0xFFFFFFFF;
  char digits[8];
  const auto [end, fault] = std::to_chars(digits, digits + sizeof digits, hash, 16);
  (void)fault;  // 32 bits fit into eight digits
  return std::string(legal.substr(0, ToolNames::length_max - MarkLength))
      .append("_")
      .append(digits, end);
}

}  // namespace

const std::string& ToolNames::legal(std::string_view original) {
  if (const auto known = legal_names_.find(original); known != legal_names_.end()) {
    return known->second;
  }
  const std::string wanted = with_legal_characters(original);
  const auto is_taken = [this](const std::string& name) {
    return originals_.contains(name) || legal_names_.contains(name);
  };
  std::string name = wanted;
  // A legal name stays as it is, unless an earlier name was changed to the same text.
  const bool is_changed = name != original || originals_.contains(name);
  bool is_free = name.size() <= length_max && !(is_changed && is_taken(name));
  for (int attempt = 0; !is_free; ++attempt) {
    name = with_mark(wanted, original, attempt);
    is_free = !is_taken(name);
  }
  if (name != original) originals_.emplace(name, original);
  return legal_names_.emplace(original, std::move(name)).first->second;
}

std::string_view ToolNames::original(std::string_view legal) const {
  const auto changed = originals_.find(legal);
  return changed == originals_.end() ? legal : std::string_view(changed->second);
}

}  // namespace vdm::proxy
