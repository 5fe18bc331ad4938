#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "common/access/role.h"

namespace vdm {

/// Who may do what: one row for each route and rpc of both services. Whoever adds a route names its
/// rule, and a rule without a row does not compile. Pure. Thread: any.

/// The port that a route is on.
enum class Port { Proxy, Metrics, Events, Ingest };

struct Permission {
  Port port;
  std::string_view rule;  ///< the path of a route, with all its methods; the name of an rpc
  RoleSet roles{};
  bool open = false;  ///< to everybody, with no key at all

  constexpr bool lets(Role role) const { return open || roles.has(role); }
};

namespace permissions {

inline constexpr RoleSet Askers{Role::Client, Role::Admin};
inline constexpr RoleSet Readers{Role::Viewer, Role::Operator, Role::Admin};
inline constexpr RoleSet Operators{Role::Operator, Role::Admin};
inline constexpr RoleSet Callers{Role::Client, Role::Viewer, Role::Operator, Role::Admin};
/// A client gets the rows of its own requests alone.
inline constexpr RoleSet ReadersAndOwners = Callers;
inline constexpr RoleSet Proxies{Role::Ingest};

inline constexpr std::array Table{
    // What is asked of models.
    Permission{Port::Proxy, "/v1/messages", Askers},
    Permission{Port::Proxy, "/v1/messages/count_tokens", Askers},
    Permission{Port::Proxy, "/v1/messages/batches", Askers},
    Permission{Port::Proxy, "/v1/chat/completions", Askers},
    Permission{Port::Proxy, "/v1/embeddings", Askers},
    Permission{Port::Proxy, "/v1/completions", Askers},
    Permission{Port::Proxy, "/v1/moderations", Askers},
    Permission{Port::Proxy, "/v1/images", Askers},
    Permission{Port::Proxy, "/v1/audio", Askers},
    Permission{Port::Proxy, "/v1/rerank", Askers},
    Permission{Port::Proxy, "/v1/files", Askers},
    Permission{Port::Proxy, "/v1/batches", Askers},
    // What there is.
    Permission{Port::Proxy, "/v1/models", Callers},
    Permission{Port::Proxy, "/v1/facts", Callers},
    Permission{Port::Proxy, "/v1/aliases", Callers},
    Permission{Port::Proxy, "/profiles", Callers},
    Permission{Port::Proxy, "/top-models", Callers},
    Permission{Port::Proxy, "/", Callers},
    // How the proxy fares.
    Permission{Port::Proxy, "/test-connection", Operators},
    Permission{Port::Proxy, "/metrics", Readers},
    Permission{Port::Proxy, "/health, all of it", Readers},
    Permission{.port = Port::Proxy, .rule = "/health", .open = true},
    Permission{.port = Port::Proxy, .rule = "/health/ready", .open = true},
    Permission{.port = Port::Proxy, .rule = "/metrics/*", .open = true},  // the way to vdm-metrics
    Permission{.port = Port::Proxy, .rule = "/dashboard", .open = true},
    Permission{.port = Port::Proxy, .rule = "/api/hello", .open = true},

    Permission{Port::Metrics, "/metrics", Readers},
    Permission{Port::Metrics, "/metrics/active-requests", ReadersAndOwners},
    Permission{Port::Metrics, "/metrics/active-requests/stream", Readers},
    Permission{Port::Metrics, "/metrics/active-requests/{id}/cancel", Operators},
    Permission{Port::Metrics, "/metrics/running-totals", Readers},
    Permission{Port::Metrics, "/metrics/logs", ReadersAndOwners},
    Permission{Port::Metrics, "/metrics/snapshot", Readers},
    Permission{Port::Metrics, "/metrics/stream", Readers},
    Permission{Port::Metrics, "/health, all of it", Readers},
    Permission{.port = Port::Metrics, .rule = "/health", .open = true},
    Permission{.port = Port::Metrics, .rule = "/health/ready", .open = true},
    Permission{.port = Port::Metrics, .rule = "/session", .open = true},
    Permission{.port = Port::Metrics, .rule = "/login", .open = true},
    Permission{.port = Port::Metrics, .rule = "/logout", .open = true},
    Permission{.port = Port::Metrics, .rule = "/", .open = true},
    Permission{.port = Port::Metrics, .rule = "/dashboard", .open = true},
    Permission{.port = Port::Metrics, .rule = "/dashboard/*", .open = true},
    Permission{.port = Port::Metrics, .rule = "/favicon.ico", .open = true},

    Permission{Port::Events, "Subscribe", Readers},
    Permission{Port::Events, "GetActiveRequests", ReadersAndOwners},
    Permission{Port::Events, "GetTraces", ReadersAndOwners},
    Permission{Port::Events, "GetRunningTotals", Readers},
    Permission{Port::Events, "GetStatus", Readers},
    Permission{Port::Events, "CancelRequest", Operators},

    Permission{Port::Ingest, "Report", Proxies},
};

/// The place of a rule's row in the table; its size when there is none. (With UBSan GCC 12 cannot
/// compare a pointer with null while it compiles.)
constexpr std::size_t place_of(Port port, std::string_view rule) {
  std::size_t place = 0;
  while (place < Table.size() && !(Table[place].port == port && Table[place].rule == rule)) ++place;
  return place;
}

/// The row of a rule; null when there is none.
constexpr const Permission* find(Port port, std::string_view rule) {
  const std::size_t place = place_of(port, rule);
  return place == Table.size() ? nullptr : &Table[place];
}

/// The row whose rule covers the path of a request, as the routers do: {name} is one part of a
/// path, "/*" at the end all below. Null when there is none.
const Permission* of_path(Port port, std::string_view path);

}  // namespace permissions

/// The row of a rule that is written in the source: without one it does not compile.
template <Port At>
struct RuleOf {
  consteval RuleOf(const char* rule) : row(&permissions::Table[place_of(rule)]) {}
  const Permission* row;

 private:
  static consteval std::size_t place_of(const char* rule) {
    const std::size_t place = permissions::place_of(At, rule);
    if (place == permissions::Table.size())
      throw "common/access/permissions.h has no row for this route";
    return place;
  }
};

}  // namespace vdm
