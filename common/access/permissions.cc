#include "common/access/permissions.h"

namespace vdm::permissions {
namespace {

/// The part of a path up to its next slash; takes it and the slash away.
std::string_view next_part(std::string_view& path) {
  const std::string_view part = path.substr(0, path.find('/'));
  path.remove_prefix(part.size() < path.size() ? part.size() + 1 : part.size());
  return part;
}

bool covers(std::string_view rule, std::string_view path) {
  if (rule == path) return true;
  if (rule.ends_with("/*")) {
    return path.starts_with(rule.substr(0, rule.size() - 1));
  }
  if (rule.find('{') == std::string_view::npos || path.ends_with('/')) return false;
  while (!rule.empty() && !path.empty()) {
    const std::string_view wanted = next_part(rule);
    const std::string_view part = next_part(path);
    const bool is_any = wanted.starts_with('{') && !part.empty();
    if (!is_any && wanted != part) return false;
  }
  return rule.empty() && path.empty();
}

}  // namespace

const Permission* of_path(Port port, std::string_view path) {
  for (const Permission& each : Table) {
    if (each.port == port && covers(each.rule, path)) return &each;
  }
  return nullptr;
}

}  // namespace vdm::permissions
