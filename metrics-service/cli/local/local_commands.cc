#include "metrics-service/cli/local/local_commands.h"

#include <cstring>

#include <unistd.h>

#include "common/base/host_port.h"
#include "common/http_client/http_call.h"
#include "metrics-service/cli/launch/claude.h"
#include "metrics-service/cli/launch/programs.h"
#include "metrics-service/cli/launch/service_config.h"
#include "metrics-service/cli/launch/services.h"
#include "metrics-service/cli/local/gateway_commands.h"
#include "metrics-service/cli/setup/config_check.h"
#include "metrics-service/cli/setup/init.h"

namespace vdm::cli {
namespace {

std::string dashboard(const HostPort& metrics) {
  return "http://" + authority(metrics) + "/dashboard/";
}

int claude(const LocalOptions& options, const ServiceCalls& calls, const Streams& streams) {
  const auto program = find_on_path("claude", calls.env);
  if (program.empty()) {
    return end_with({Unreachable,
                     "vdm: claude is not on PATH; npm install -g @anthropic-ai/claude-code "
                     "installs it\n"},
                    streams);
  }
  const auto running = bring_up(calls);
  if (const auto* result = std::get_if<CommandResult>(&running)) return end_with(*result, streams);
  const auto& services = std::get<RunningServices>(running);
  const auto changes = claude_environment(services.proxy, services.facts, calls.env);
  if (const auto* result = std::get_if<CommandResult>(&changes)) return end_with(*result, streams);
  if (services.metrics) {
    streams.err << "vdm: the dashboard is at " << dashboard(*services.metrics) << std::endl;
  } else {
    streams.err << "vdm: no dashboard, as LOG_REQUEST_METRICS is false" << std::endl;
  }
  if (services.facts.passes_claudes_own()) {
    streams.err << "vdm: Claude Code's own login or key is passed on; `vdm init` sets keys for all"
                << std::endl;
  }
  const int fault = become_program(program, options.claude_arguments, std::get<Changes>(changes));
  return end_with({Failed, "vdm: " + program.string() + ": " + std::strerror(fault) + "\n"},
                  streams);
}

int up(const ServiceCalls& calls, const Streams& streams) {
  const auto running = bring_up(calls);
  if (const auto* result = std::get_if<CommandResult>(&running)) return end_with(*result, streams);
  const auto& services = std::get<RunningServices>(running);
  streams.out << "proxy      http://" << authority(services.proxy) << "\n";
  if (services.metrics) streams.out << "dashboard  " << dashboard(*services.metrics) << "\n";
  streams.out << "logs       " << calls.folder.string() << "\n";
  return Done;
}

int write_config(const LocalOptions& options, const ServiceCalls& calls, const Streams& streams) {
  const auto file = calls.config_file.empty() ? user_config_file(calls.env) : calls.config_file;
  if (file.empty()) {
    return end_with({WrongUsage, "vdm: expected HOME in the environment, or --config\n"}, streams);
  }
  Questions questions(STDIN_FILENO);
  return init(options.init, calls, file, questions, streams.out, streams.err);
}

}  // namespace

int run_local(const LocalOptions& options, const Env& env, const Streams& streams) {
  const auto calls = service_calls(env, options.config_file);
  if (!calls) return end_with({Failed, "vdm: " + calls.error().message + "\n"}, streams);
  switch (options.command) {
    case LocalCommand::Claude:
      return claude(options, *calls, streams);
    case LocalCommand::Up:
      return up(*calls, streams);
    case LocalCommand::Down:
      return bring_down(*calls, options.now ? Shutdown::EndNow : Shutdown::FinishRequests,
                        streams.out, streams.err);
    case LocalCommand::ConfigCheck:
      return config_check(*calls, options.show ? CheckDepth::EverySource : CheckDepth::Errors,
                          streams.out, streams.err, streams.colour);
    case LocalCommand::Models:
      return list_models(options, *calls, streams);
    case LocalCommand::Test:
      return test_provider(options, *calls, streams);
    case LocalCommand::Init:
      return write_config(options, *calls, streams);
  }
  return WrongUsage;
}

}  // namespace vdm::cli
