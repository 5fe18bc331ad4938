#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/env.h"
#include "common/base/host_port.h"
#include "metrics-service/cli/gateway/gateway_facts.h"
#include "metrics-service/cli/terminal/command_result.h"

namespace vdm::cli {

/// Environment variables to set; those without a value are to be removed.
using Changes = std::map<std::string, std::optional<std::string>>;

/// The changes to Claude Code's environment with which it calls this proxy and is authenticated.
/// Pure.
std::variant<Changes, CommandResult> claude_environment(const HostPort& proxy,
                                                        const GatewayFacts& facts, const Env& env);

/// Whether Claude Code has nothing but its login to show the proxy; a command of its settings that
/// makes a key is not looked for. Pure.
bool has_login_alone(const GatewayFacts& facts, const Env& env);

/// Replaces this process with `program`. Returns only when that fails, with errno.
int become_program(const std::string& program, const std::vector<std::string>& arguments,
                   const Changes& changes);

}  // namespace vdm::cli
