#include "metrics-service/cli/launch/claude.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include <unistd.h>

#include "common/base/host_port.h"
#include "common/http_client/http_call.h"

namespace vdm::cli {
namespace {

/// Any value will do; without one Claude Code asks its user to log in.
constexpr std::string_view AnyKey = "vandamme";

/// Makes Claude Code bypass a web proxy of the environment, which cannot reach this machine.
void reach_directly(Changes& changes, const std::string& host, const Env& env) {
  constexpr std::array WebProxies{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"};
  if (std::ranges::none_of(WebProxies, [&](auto name) { return env.get(name).has_value(); })) {
    return;
  }
  for (const char* name : {"NO_PROXY", "no_proxy"}) {
    const auto before = env.get(name);
    changes[name] = before ? *before + "," + host : host;
  }
}

/// The fields that Claude Code sends with every request, one a line.
std::string with_gateway_key(const std::string& key, const Env& env) {
  const auto before = env.get("ANTHROPIC_CUSTOM_HEADERS");
  return (before ? *before + "\n" : std::string()) + "x-vandamme-key: " + key;
}

}  // namespace

std::variant<Changes, CommandResult> claude_environment(const HostPort& proxy,
                                                        const GatewayFacts& facts, const Env& env) {
  Changes changes{{"ANTHROPIC_BASE_URL", "http://" + authority(proxy)},
                  {"CLAUDE_CODE_USE_BEDROCK", std::nullopt},
                  {"CLAUDE_CODE_USE_VERTEX", std::nullopt}};
  reach_directly(changes, proxy.host, env);
  const auto key = env.get("PROXY_API_KEY");
  if (facts.wants_key && !key) {
    return CommandResult{Refused, "vdm: this proxy wants a key; export it as PROXY_API_KEY\n"};
  }
  if (!facts.told) {
    return CommandResult{Refused, "vdm: this proxy wants another key than PROXY_API_KEY's\n"};
  }
  // With any of its key variables set, Claude Code does not use its login: they stay as they are,
  // and the proxy's key goes in a field of its own.
  if (facts.passes_claudes_own()) {
    if (facts.wants_key) changes["ANTHROPIC_CUSTOM_HEADERS"] = with_gateway_key(*key, env);
    return changes;
  }
  // The token takes precedence over Claude Code's own login. With both variables set Claude Code
  // reports a conflict; the providers' keys are the proxy's to send.
  changes["ANTHROPIC_AUTH_TOKEN"] = facts.wants_key ? *key : std::string(AnyKey);
  changes["ANTHROPIC_API_KEY"] = std::nullopt;
  return changes;
}

bool has_login_alone(const GatewayFacts& facts, const Env& env) {
  return facts.passes_claudes_own() && !env.get("ANTHROPIC_API_KEY") &&
         !env.get("ANTHROPIC_AUTH_TOKEN");
}

int become_program(const std::string& program, const std::vector<std::string>& arguments,
                   const Changes& changes) {
  for (const auto& [name, value] : changes) {
    if (value) {
      ::setenv(name.c_str(), value->c_str(), 1);
    } else {
      ::unsetenv(name.c_str());
    }
  }
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(program.c_str(), words.data());
  return errno;
}

}  // namespace vdm::cli
