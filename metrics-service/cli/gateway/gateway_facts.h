#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vdm::cli {

/// What a running proxy says of itself in GET /health. Pure. Thread: any.
struct GatewayFacts {
  struct Provider {
    std::string name;
    bool anthropic = false;    ///< its dialect; else OpenAI's
    bool passthrough = false;  ///< it is shown the client's own key
  };

  bool wants_key = false;  ///< PROXY_API_KEY is set there
  std::vector<Provider> providers{};

  const Provider* find(std::string_view name) const;
  bool any_passthrough() const;
};

/// Nothing: this is not what vdm-proxy says.
std::optional<GatewayFacts> read_gateway_facts(std::string_view health);

/// Whether this is what vdm-metrics says in GET /health.
bool is_metrics_health(std::string_view health);

/// The message in an error's body in either dialect, for a terminal; empty when there is none.
std::string error_message(std::string_view body);

}  // namespace vdm::cli
