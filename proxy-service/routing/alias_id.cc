#include "proxy-service/routing/alias_id.h"

#include "common/base/text.h"

namespace vdm::proxy {
namespace {

// No vendor's model begins so: ids with a maker in front begin with the maker's name.
constexpr std::string_view Prefix = "claude/";

}  // namespace

std::string alias_id(std::string_view alias) {
  const std::string name = lower(alias);
  if (name.starts_with("claude") || name.starts_with("anthropic")) return std::string(alias);
  return std::string(Prefix).append(alias);
}

std::string_view alias_of_id(std::string_view id) {
  return id.starts_with(Prefix) ? id.substr(Prefix.size()) : std::string_view();
}

bool is_accepted_id(std::string_view id) {
  const std::string name = lower(id);
  return contains(name, "claude") || contains(name, "anthropic");
}

}  // namespace vdm::proxy
