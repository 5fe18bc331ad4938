#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/env.h"
#include "metrics-service/cli/gateway/gateway_facts.h"
#include "metrics-service/cli/terminal/command_result.h"

namespace vdm::cli {

/// Variables to set, or without a value to remove.
using Changes = std::map<std::string, std::optional<std::string>>;

/// What Claude Code's environment has to become, so that it asks this proxy and is let in.
/// Pure.
std::variant<Changes, CommandResult> claude_environment(const HostPort& proxy,
                                                        const GatewayFacts& facts, const Env& env);

/// Becomes `program` with these arguments. Returns only when that fails, with errno.
int become_program(const std::string& program, const std::vector<std::string>& arguments,
                   const Changes& changes);

}  // namespace vdm::cli
