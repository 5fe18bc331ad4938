#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vdm::cli {

/// What a running proxy reports about itself in GET /health. Pure. Thread: any.
struct GatewayFacts {
  struct Provider {
    std::string name;
    bool anthropic = false;    ///< the provider's dialect: Anthropic's, else OpenAI's
    bool passthrough = false;  ///< the proxy sends it the client's own key
  };

  bool wants_key = false;  ///< PROXY_API_KEY is set at the proxy
  bool told = true;        ///< false: who asked showed no right key, so the rest is not known
  std::vector<Provider> providers{};
  std::string serves_claude{};  ///< the provider of bare names for Anthropic's clients; or empty

  const Provider* find(std::string_view name) const;
  /// Whether Claude Code's own login or key is what its requests are made with.
  bool passes_claudes_own() const;
};

/// Returns nothing when `health` is not an answer of vdm-proxy.
std::optional<GatewayFacts> read_gateway_facts(std::string_view health);

/// Whether `health` is what vdm-metrics answers to GET /health.
bool is_metrics_health(std::string_view health);

/// The message in an error's body of either dialect, printable on a terminal; empty without one.
std::string error_message(std::string_view body);

}  // namespace vdm::cli
