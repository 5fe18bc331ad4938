#include "common/access/role.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/access/permissions.h"

namespace vdm::role_test {
namespace {

TEST(Role, HasAWordEach) {
  for (const Role role : AllRoles) {
    EXPECT_EQ(parse_role(word_of(role)), role);
    EXPECT_NE(RoleWords.find(word_of(role)), std::string_view::npos);
  }
  for (const char* other : {"", "Admin", "root", "admin "})
    EXPECT_FALSE(parse_role(other)) << other;
}

TEST(RoleSet, HasWhatItWasMadeOf) {
  constexpr RoleSet Some{Role::Client, Role::Ingest};
  EXPECT_TRUE(Some.has(Role::Client));
  EXPECT_TRUE(Some.has(Role::Ingest));
  EXPECT_FALSE(Some.has(Role::Admin));
  EXPECT_FALSE(RoleSet().has(Role::Client));
}

TEST(Permissions, HaveEachRuleOnce) {
  std::set<std::pair<Port, std::string>> seen;
  for (const Permission& each : permissions::Table) {
    EXPECT_TRUE(seen.emplace(each.port, each.rule).second) << each.rule;
    EXPECT_EQ(permissions::find(each.port, each.rule), &each);
  }
  EXPECT_EQ(permissions::find(Port::Proxy, "/v1/nothing"), nullptr);
}

TEST(Permissions, GiveNobodyWhatIsNotTheirs) {
  for (const Permission& each : permissions::Table) {
    if (each.open) continue;
    const bool is_ingest = each.port == Port::Ingest;
    EXPECT_EQ(each.roles.has(Role::Ingest), is_ingest) << each.rule;
    EXPECT_EQ(each.roles.has(Role::Admin), !is_ingest) << each.rule;
    EXPECT_LE(each.roles.has(Role::Viewer), each.roles.has(Role::Operator)) << each.rule;
  }
}

TEST(Permissions, AreFoundByPath) {
  const auto rule = [](std::string_view path) -> std::string {
    const Permission* found = permissions::of_path(Port::Metrics, path);
    return found ? std::string(found->rule) : "none";
  };
  EXPECT_EQ(rule("/metrics"), "/metrics");
  EXPECT_EQ(rule("/metrics/active-requests"), "/metrics/active-requests");
  EXPECT_EQ(rule("/metrics/active-requests/a/cancel"), "/metrics/active-requests/{id}/cancel");
  EXPECT_EQ(rule("/metrics/active-requests//cancel"), "none");
  EXPECT_EQ(rule("/metrics/active-requests/a/b/cancel"), "none");
  EXPECT_EQ(rule("/metrics/active-requests/a/cancel/"), "none");
  EXPECT_EQ(rule("/metrics/active-requests/a"), "none");
  EXPECT_EQ(rule("/dashboard/a/b"), "/dashboard/*");
  EXPECT_EQ(rule("/dashboard/"), "/dashboard/*");
  EXPECT_EQ(rule("/dashboardx"), "none");
  EXPECT_EQ(rule("/metrics/"), "none");
  EXPECT_EQ(rule(""), "none");
}

}  // namespace
}  // namespace vdm::role_test
