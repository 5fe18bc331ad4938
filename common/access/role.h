#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace vdm {

/// What the holder of a key may do; permissions.h has it route by route. Pure. Thread: any.
enum class Role : std::uint8_t {
  Client,    ///< asks models, and sees its own requests
  Viewer,    ///< reads all metrics
  Operator,  ///< reads, cancels requests and tests providers
  Admin,     ///< everything but to report as a proxy
  Ingest,    ///< reports as a proxy, and nothing else
};
inline constexpr std::array AllRoles{Role::Client, Role::Viewer, Role::Operator, Role::Admin,
                                     Role::Ingest};
/// For messages to people.
inline constexpr std::string_view RoleWords = "client, viewer, operator, admin or ingest";

std::optional<Role> parse_role(std::string_view word);
std::string_view word_of(Role role);

/// Some of the roles.
class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ = static_cast<std::uint8_t>(bits_ | bit(role));
  }
  constexpr bool has(Role role) const { return (bits_ & bit(role)) != 0; }

 private:
  static constexpr std::uint8_t bit(Role role) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
  }
  std::uint8_t bits_ = 0;
};

}  // namespace vdm
